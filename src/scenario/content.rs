//! One hash of many chunks, in whatever order they were loaded.

use ringroad_streaming::ChunkCoord;

/// A hash as reports write it.
pub(super) fn hash_text(hash: u64) -> String {
    format!("{hash:016x}")
}

/// A chunk's part of the sum: place and content, mixed so that two chunks that swap contents do not cancel out.
pub(super) fn chunk_share(coord: ChunkCoord, content: u64) -> u64 {
    let place = u64::from(coord.x as u32) << 32 | u64::from(coord.z as u32);
    mixed(mixed(place).rotate_left(32) ^ content)
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): every bit of the input changes half of the output.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_hash_knows_which_chunk_has_which_content() {
        let (a, b) = (ChunkCoord::new(0, 1), ChunkCoord::new(1, 0));
        let straight = chunk_share(a, 7).wrapping_add(chunk_share(b, 9));
        let swapped = chunk_share(a, 9).wrapping_add(chunk_share(b, 7));
        assert_ne!(straight, swapped);
    }
}
