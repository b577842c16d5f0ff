//! A chunk that was stopped on the way leaves nothing behind: asked for again it is what it always was.

use std::time::Duration;

use proptest::prelude::*;

use crate::city::CityGenerator;
use crate::streaming::{
    ChunkCoord, ChunkGenerator, ChunkRequest, DetailLevel, GenerateError, StopToken, content_hash,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn stopping_changes_no_chunk(
        x in -40i32..40,
        z in -40i32..40,
        level in 0u8..3,
        stops_after_us in 0u64..3_000,
    ) {
        let request = ChunkRequest {
            detail: DetailLevel(level),
            ..ChunkRequest::for_test(ChunkCoord::new(x, z), 9, 200.0)
        };
        let hash_of = |stop: &StopToken| {
            CityGenerator
                .generate(&request, stop)
                .map(|content| content_hash(&content))
        };
        let expected = hash_of(&StopToken::never());
        let token = StopToken::never();
        let stopped = std::thread::scope(|scope| {
            let work = scope.spawn(|| hash_of(&token));
            std::thread::sleep(Duration::from_micros(stops_after_us));
            token.stop();
            work.join().expect("the generator does not panic")
        });
        prop_assert!(stopped == expected || stopped == Err(GenerateError::Cancelled));
        prop_assert_eq!(hash_of(&token), Err(GenerateError::Cancelled));
        prop_assert_eq!(hash_of(&StopToken::never()), expected);
    }
}
