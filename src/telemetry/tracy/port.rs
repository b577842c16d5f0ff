//! Whether another program holds the port on which Tracy wants to listen. Tracy itself says nothing of it.
//!
//! Tracy listens from before `main`, so trying to bind the port would find Tracy itself, and connecting would look like a
//! profiler. The system's table of sockets tells both apart; where there is none (not Linux), nothing is said.

/// The port that Tracy tries first unless `TRACY_PORT` names another.
const DEFAULT_PORT: u16 = 8086;

/// Prints one line to standard error if the port is taken; the run continues.
#[cfg(feature = "tracy")]
pub(in crate::telemetry) fn warn_if_taken() {
    let named = named_port(std::env::var("TRACY_PORT").ok().as_deref());
    let listeners: Vec<u64> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| listeners(&table, named.unwrap_or(DEFAULT_PORT)))
        .collect();
    if is_foreign(&listeners, &own_sockets()) {
        eprintln!("{}", complaint(named));
    }
}

/// What `TRACY_PORT` names; Tracy takes what is no number for not set.
fn named_port(variable: Option<&str>) -> Option<u16> {
    variable?.trim().parse().ok().filter(|port| *port != 0)
}

/// Inodes of the sockets that listen on `port`, from the text of `/proc/net/tcp` or `tcp6`.
fn listeners(table: &str, port: u16) -> Vec<u64> {
    /// The state "listen".
    const LISTEN: &str = "0A";
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            // Number, local address, remote address, state, queues, timer, retransmits, user, timeout, inode.
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (_, local_port) = columns.get(1)?.rsplit_once(':')?;
            let is_it =
                u16::from_str_radix(local_port, 16) == Ok(port) && *columns.get(3)? == LISTEN;
            is_it.then(|| columns.get(9)?.parse().ok()).flatten()
        })
        .collect()
}

/// Inodes of the sockets of this process.
#[cfg(feature = "tracy")]
fn own_sockets() -> Vec<u64> {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else {
        return Vec::new();
    };
    files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter_map(|target| socket_inode(target.to_str()?))
        .collect()
}

/// The inode in the name of an open file, e.g. `socket:[4711]`.
fn socket_inode(name: &str) -> Option<u64> {
    name.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// Whether somebody listens, and not this process.
fn is_foreign(listeners: &[u64], own: &[u64]) -> bool {
    !listeners.is_empty() && !listeners.iter().any(|inode| own.contains(inode))
}

/// What is wrong and what to do; `named` is the port that `TRACY_PORT` names.
fn complaint(named: Option<u16>) -> String {
    match named {
        Some(port) => format!(
            "tracy: port {port} (TRACY_PORT) is taken by another program, so no profiler can connect to this run: set TRACY_PORT to a free port"
        ),
        None => format!(
            "tracy: port {DEFAULT_PORT} is taken by another program, so this run listens on the next free port after it: connect with -p, or set TRACY_PORT to a free port"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F96 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F97 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F96 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 20 4 30 10 -1
";

    #[test]
    fn only_who_listens_on_the_port_holds_it() {
        assert_eq!(listeners(TABLE, 8086), [4711]);
        assert_eq!(listeners(TABLE, 8087), [4712]);
        assert_eq!(listeners(TABLE, 50_000), [0; 0]);
        assert_eq!(listeners("", 8086), [0; 0]);
    }

    #[test]
    fn port_of_our_own_is_not_taken() {
        assert!(is_foreign(&[4711], &[]));
        assert!(is_foreign(&[4711], &[4712]));
        assert!(!is_foreign(&[4711], &[4712, 4711]));
        assert!(!is_foreign(&[], &[4712]));
        assert_eq!(socket_inode("socket:[4711]"), Some(4711));
        assert_eq!(socket_inode("pipe:[4711]"), None);
    }

    #[test]
    fn complaint_names_the_port_and_what_to_do() {
        assert_eq!(named_port(None), None);
        assert_eq!(named_port(Some("zero")), None);
        assert_eq!(named_port(Some("0")), None);
        let default = complaint(None);
        assert!(
            default.contains("8086") && default.contains("TRACY_PORT"),
            "{default}"
        );
        let named = complaint(named_port(Some("9000")));
        assert!(
            named.contains("9000") && named.contains("free port"),
            "{named}"
        );
    }
}
