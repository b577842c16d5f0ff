//! The city's only source of chance: `SplitMix64`, because its results are the same on every machine and for every order of asking.

/// The increment of `SplitMix64` (2^64 divided by the golden ratio).
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes all bits of one number (the finaliser of `SplitMix64`, Steele, Lea and Flood 2014).
pub(super) const fn mix(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What a random decision is about, so that two decisions at one place never share their dice.
#[derive(Copy, Clone)]
#[repr(u64)]
pub(super) enum Topic {
    Signals = 40,
    Traffic = 41,
    SideStreets = 1,
    Density,
    Green,
    Block,
    Furniture,
    Ground,
    Land,
    Arterial,
    Bridge,
    Superblock,
    Downtown,
    Industry,
    Bank,
    Highway,
}

/// Hashes the seed, a topic and up to two whole-number coordinates.
pub(super) fn hash_at(seed: u64, topic: Topic, a: i64, b: i64) -> u64 {
    let mut state = mix(seed.wrapping_add(GOLDEN_GAMMA));
    for part in [topic as u64, a.cast_unsigned(), b.cast_unsigned()] {
        state = mix(state.wrapping_add(GOLDEN_GAMMA) ^ mix(part.wrapping_add(GOLDEN_GAMMA)));
    }
    state
}

/// A stream of random numbers for one place and one topic (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// The dice of a place: equal arguments give the same stream, for ever and everywhere.
    pub(super) fn at(seed: u64, topic: Topic, a: i64, b: i64) -> Self {
        Self {
            state: hash_at(seed, topic, a, b),
        }
    }

    /// Independent dice for a numbered part of this place; does not advance this stream.
    pub(super) fn part(&self, number: u64) -> Self {
        Self {
            state: mix(self.state ^ mix(number.wrapping_add(GOLDEN_GAMMA))),
        }
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        mix(self.state)
    }

    /// A number in `[0, 1)` with 24 bits, exact in `f32`.
    pub(super) fn unit(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// A number in `[low, high)`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..=high`.
    pub(super) fn whole(&mut self, low: u32, high: u32) -> u32 {
        debug_assert!(low <= high);
        low + (self.roll() >> 33) as u32 % (high - low + 1)
    }

    /// True in `share` of all rolls.
    pub(super) fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// One of the choices, each equally likely. The list must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() as u32 - 1) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_is_the_published_splitmix64() {
        // First outputs of the reference implementation for the state 1234567.
        let mut dice = Dice { state: 1_234_567 };
        assert_eq!(
            [dice.roll(), dice.roll(), dice.roll()],
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn neighbouring_places_and_topics_have_different_dice() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..4 {
            for a in -8..8 {
                for b in -8..8 {
                    seen.insert(hash_at(seed, Topic::Block, a, b));
                    seen.insert(hash_at(seed, Topic::Furniture, a, b));
                }
            }
        }
        assert_eq!(seen.len(), 4 * 16 * 16 * 2);
    }

    #[test]
    fn rolls_stay_in_their_range() {
        let mut dice = Dice::at(7, Topic::Block, -1, i64::MAX);
        for _ in 0..10_000 {
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!((2.0..3.0).contains(&dice.between(2.0, 3.0)));
            assert!((4..=6).contains(&dice.whole(4, 6)));
        }
    }
}
