//! Stable hashing for decisions that must be equal on every machine and in every run.

/// One step of `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub const fn mix64(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in `[0, 1)` from a hash.
pub fn unit_from(hash: u64) -> f64 {
    // 53 bits: the mantissa of an f64, so that every value is exact.
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}
