//! Files that are torn, foreign or corrupt: refused with a reason, kept aside, never a panic.

use std::fs;

use super::*;

const TEXT: &str = "({0:1,1:-5})";

/// A folder with one saved chunk, and the bytes of its file.
fn saved() -> (Folder, DiskStore, Vec<u8>) {
    let folder = Folder::new();
    let store = folder.open();
    store.save(&place(5, -3), Some(&stored(TEXT))).unwrap();
    let bytes = fs::read(store.file_of(&place(5, -3))).unwrap();
    (folder, store, bytes)
}

/// Puts bytes where a chunk's file is, loads it, and returns why it is refused.
#[track_caller]
fn refusal(store: &DiskStore, place: &StorePlace, bytes: &[u8]) -> String {
    let file = store.file_of(place);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    let error = store.load(place).expect_err("it must be refused");
    let StoreError::Refused {
        what,
        reason,
        kept_as,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(what, file.display().to_string());
    assert_eq!(fs::read(&kept_as).unwrap(), bytes, "kept as it was");
    assert_eq!(store.load(place), Ok(None), "and not read again");
    fs::remove_file(kept_as).unwrap();
    reason
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    let (_folder, store, bytes) = saved();
    for length in 0..bytes.len() {
        let reason = refusal(&store, &place(5, -3), &bytes[..length]);
        assert!(reason.contains("torn"), "cut at {length}: {reason}");
    }
}

#[test]
fn a_file_with_any_byte_changed_is_refused() {
    let (_folder, store, bytes) = saved();
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut other = bytes.clone();
            other[at] ^= flip;
            assert!(!refusal(&store, &place(5, -3), &other).is_empty());
        }
    }
    let longer = [&bytes[..], b"!"].concat();
    assert!(refusal(&store, &place(5, -3), &longer).contains("torn"));
}

#[test]
fn a_crash_at_any_byte_of_a_save_leaves_the_old_value() {
    let folder = Folder::new();
    let store = folder.open();
    let file = store.file_of(&place(5, -3));
    store.save(&place(5, -3), Some(&stored("new"))).unwrap();
    let new = fs::read(&file).unwrap();
    store.save(&place(5, -3), Some(&stored("old"))).unwrap();
    let held = store.bytes();
    drop(store);
    let half = file.with_extension("delta.7.tmp");
    for length in 0..=new.len() {
        fs::write(&half, &new[..length]).unwrap();
        let store = folder.open();
        assert_eq!(store.load(&place(5, -3)), Ok(Some(stored("old"))));
        assert!(!half.exists(), "what a crash left is removed");
        assert_eq!(store.bytes(), held);
    }
}

#[test]
fn a_file_of_another_seed_size_or_chunk_is_refused() {
    let (_folder, store, bytes) = saved();
    let other = |seed, size, x| StorePlace {
        world: StoreWorld::new(seed, size),
        coord: ChunkCoord::new(x, -3),
    };
    let seed = refusal(&store, &other(8, 200.0, 5), &bytes);
    assert!(
        seed.contains("seed 7") && seed.contains("not to seed 8"),
        "{seed}"
    );
    let size = refusal(&store, &other(7, 100.0, 5), &bytes);
    assert!(size.contains("chunks of 200 m"), "{size}");
    let chunk = refusal(&store, &other(7, 200.0, 6), &bytes);
    assert!(chunk.contains("chunk"), "{chunk}");
}

#[test]
fn a_file_of_a_newer_format_or_of_another_kind_is_refused_by_name() {
    let (_folder, store, bytes) = saved();
    let mut newer = bytes.clone();
    newer[8] = 2;
    let reason = refusal(&store, &place(5, -3), &newer);
    assert!(
        reason.contains("format 2") && reason.contains("format 1"),
        "{reason}"
    );
    let mut foreign = bytes;
    foreign[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
    let reason = refusal(&store, &place(5, -3), &foreign);
    assert!(reason.contains("no file of changes"), "{reason}");
}

#[test]
fn a_file_without_end_is_not_read_into_memory() {
    let (_folder, store, _) = saved();
    let file = store.file_of(&place(5, -3));
    fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
    let error = store.load(&place(5, -3)).unwrap_err().to_string();
    assert!(error.contains("more than 16777216 bytes"), "{error}");
}

#[test]
fn a_length_that_no_memory_holds_is_refused() {
    let (_folder, store, mut bytes) = saved();
    bytes[40..48].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(refusal(&store, &place(5, -3), &bytes).contains("torn"));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_an_error_and_stays() {
    let folder = Folder::new();
    let store = folder.open();
    let file = store.file_of(&place(0, 0));
    fs::create_dir_all(&file).unwrap();
    assert!(matches!(
        store.load(&place(0, 0)),
        Err(StoreError::Io { .. })
    ));
    let saved = store.save(&place(0, 0), Some(&stored("x")));
    assert!(matches!(saved, Err(StoreError::Io { .. })));
    assert!(file.is_dir());
    let names: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(
        names.len(),
        1,
        "no half-written file stays behind: {names:?}"
    );
}
