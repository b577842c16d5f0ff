//! What both stores promise.

use super::*;

/// Runs a claim about stores on each of them.
fn on_both(limits: StoreLimits, claim: impl Fn(&dyn ChunkStore)) {
    claim(&MemoryStore::with_limits(limits));
    let folder = Folder::new();
    claim(&DiskStore::open_with_limits(folder.path(), limits).unwrap());
}

#[test]
fn what_was_saved_last_is_loaded() {
    on_both(StoreLimits::default(), |store| {
        assert_eq!(store.load(&place(1, -2)), Ok(None));
        for text in ["first", "", "the third"] {
            store.save(&place(1, -2), Some(&stored(text))).unwrap();
            assert_eq!(store.load(&place(1, -2)), Ok(Some(stored(text))));
        }
        assert_eq!(store.load(&place(-2, 1)), Ok(None));
    });
}

#[test]
fn what_is_forgotten_is_gone_and_its_bytes_with_it() {
    on_both(StoreLimits::default(), |store| {
        store.save(&place(1, 1), Some(&stored("a"))).unwrap();
        store.save(&place(1, 2), Some(&stored("bb"))).unwrap();
        let both = store.bytes();
        store.save(&place(1, 1), None).unwrap();
        store.save(&place(9, 9), None).unwrap();
        assert_eq!(store.load(&place(1, 1)), Ok(None));
        assert!(0 < store.bytes() && store.bytes() < both);
        store.save(&place(1, 2), None).unwrap();
        assert_eq!(store.bytes(), 0);
    });
}

#[test]
fn each_world_has_changes_of_its_own() {
    on_both(StoreLimits::default(), |store| {
        let elsewhere = |seed, chunk_size_m| StorePlace {
            world: StoreWorld::new(seed, chunk_size_m),
            ..place(3, 3)
        };
        store.save(&place(3, 3), Some(&stored("here"))).unwrap();
        assert_eq!(store.load(&elsewhere(8, 200.0)), Ok(None));
        assert_eq!(store.load(&elsewhere(7, 200.5)), Ok(None));
        assert_eq!(store.load(&elsewhere(7, 200.0)), Ok(Some(stored("here"))));
    });
}

#[test]
fn cells_at_the_ends_of_the_world_are_kept_apart() {
    on_both(StoreLimits::default(), |store| {
        let ends = [i32::MIN, i32::MIN + 31, -33, -32, -1, 0, 31, 32, i32::MAX];
        for x in ends {
            for z in ends {
                let text = format!("{x} {z}");
                store.save(&place(x, z), Some(&stored(&text))).unwrap();
            }
        }
        for x in ends {
            for z in ends {
                let text = format!("{x} {z}");
                assert_eq!(store.load(&place(x, z)), Ok(Some(stored(&text))));
            }
        }
    });
}

#[test]
fn limits_are_named_and_what_was_there_stays() {
    let limits = StoreLimits {
        max_bytes_per_chunk: 500,
        max_bytes: 1_000,
    };
    on_both(limits, |store| {
        store.save(&place(0, 0), Some(&stored("old"))).unwrap();
        let too_big = store
            .save(&place(0, 0), Some(&stored(&"x".repeat(501))))
            .unwrap_err();
        assert!(
            too_big
                .to_string()
                .contains("the limit is 500 (max_bytes_per_chunk)"),
            "{too_big}"
        );
        assert_eq!(store.load(&place(0, 0)), Ok(Some(stored("old"))));
        let mut refused = None;
        for x in 1..9 {
            if let Err(error) = store.save(&place(x, 0), Some(&stored(&"x".repeat(200)))) {
                assert_eq!(store.load(&place(x, 0)), Ok(None));
                refused = Some(error);
            }
        }
        let refused = refused.expect("eight times 200 bytes are more than 1,000");
        assert!(
            refused
                .to_string()
                .contains("the limit is 1000 (max_bytes)"),
            "{refused}"
        );
        assert!(store.bytes() <= 1_000);
        // There is room again for what takes the place of something larger.
        store.save(&place(1, 0), Some(&stored("less"))).unwrap();
        assert_eq!(store.load(&place(1, 0)), Ok(Some(stored("less"))));
    });
}

#[test]
fn what_is_set_aside_is_neither_found_nor_overwritten() {
    on_both(StoreLimits::default(), |store| {
        let mut bytes = 0;
        for text in ["one", "another", "a third"] {
            store.save(&place(4, 4), Some(&stored(text))).unwrap();
            let error = store.set_aside(&place(4, 4), "because of the test");
            assert!(matches!(error, StoreError::Refused { .. }), "{error}");
            assert_eq!(store.load(&place(4, 4)), Ok(None));
            assert!(store.bytes() > bytes, "what is kept counts");
            bytes = store.bytes();
        }
    });
}

#[test]
fn a_saved_game_is_there_when_it_is_opened_again() {
    let folder = Folder::new();
    let store = folder.open();
    for x in 0..40 {
        store
            .save(&place(x, x), Some(&stored(&format!("chunk {x}"))))
            .unwrap();
    }
    let bytes = store.bytes();
    drop(store);
    let store = folder.open();
    assert_eq!(store.bytes(), bytes);
    for x in 0..40 {
        let text = format!("chunk {x}");
        assert_eq!(store.load(&place(x, x)), Ok(Some(stored(&text))));
    }
}

#[test]
fn two_games_cannot_have_one_folder() {
    let folder = Folder::new();
    let first = folder.open();
    let second = DiskStore::open(folder.path()).map(|_| ());
    assert_eq!(second, Err(StoreError::InUse(folder.path().to_owned())));
    drop(first);
    folder.open();
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let error = DiskStore::open(file.join("game")).unwrap_err().to_string();
    assert!(error.contains("file") && error.contains("game"), "{error}");
}

#[test]
fn a_reader_beside_writers_sees_one_of_the_values_and_never_half_of_one() {
    on_both(StoreLimits::default(), |store| {
        let texts: Vec<String> = (0..4_usize)
            .map(|n| n.to_string().repeat(3_000 * (n + 1)))
            .collect();
        store.save(&place(0, 0), Some(&stored(&texts[0]))).unwrap();
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(move || {
                    for _ in 0..15 {
                        store.save(&place(0, 0), Some(&stored(text))).unwrap();
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let found = store
                            .load(&place(0, 0))
                            .unwrap()
                            .expect("it is never absent");
                        assert!(texts.iter().any(|text| stored(text) == found));
                    }
                });
            }
        });
        let last = store.load(&place(0, 0)).unwrap().unwrap();
        store.save(&place(0, 0), Some(&last)).unwrap();
        let one = store.bytes();
        store.save(&place(0, 0), None).unwrap();
        assert_eq!(store.bytes(), 0, "{one} bytes were counted for one file");
    });
}
