//! What can go wrong in a soak.

use std::fmt;

/// What kind of thing went wrong; a shrunk script must fail in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A law was broken.
    Law(u8),
    /// At a checkpoint the world did not come to rest.
    Unsettled,
    /// At a checkpoint there was another number of something than at the first.
    Growth(&'static str),
    /// The settings in force are not what the proposals call for.
    Settings,
    /// The process holds more memory than at the second checkpoint.
    Memory,
    /// A system panicked.
    Panic,
    /// A frame did not end.
    Hang,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// Simulated seconds since the start.
    pub at_secs: f64,
    /// What exactly.
    pub text: String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Law(number) => write!(f, "law {number} is broken"),
            Self::Unsettled => f.write_str("the world does not come to rest"),
            Self::Growth(what) => write!(f, "growth of {what}"),
            Self::Settings => f.write_str("settings that were not asked for"),
            Self::Memory => f.write_str("growth of memory"),
            Self::Panic => f.write_str("a panic on the main thread"),
            Self::Hang => f.write_str("a frame that does not end"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:.2} s: {}", self.kind, self.at_secs, self.text)
    }
}
