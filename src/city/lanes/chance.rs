//! The city's dice for what moves in it: game code rolls its own, from its own seed.

use super::super::hash::{Dice, Topic};

/// A stream of random numbers that is the same on every machine.
#[derive(Clone, Debug)]
pub struct Chance(Dice);

impl Chance {
    /// The stream of a seed for a purpose; equal arguments give equal streams.
    #[must_use]
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(Dice::at(seed, Topic::Traffic, purpose.cast_signed(), 0))
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f32 {
        self.0.unit()
    }

    /// A number in `[low, high)`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0.between(low, high)
    }

    /// True in `share` of all rolls.
    pub fn is_lucky(&mut self, share: f32) -> bool {
        self.0.chance(share)
    }

    /// A number in `0..count`; `count` must not be zero.
    pub fn index(&mut self, count: usize) -> usize {
        self.0.whole(0, count as u32 - 1) as usize
    }

    /// One of several by weight: its number. All weights zero, or none: nothing.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f32> + Clone) -> Option<usize> {
        let sum: f32 = weights.clone().sum();
        let mut left = self.unit() * sum;
        let mut last = None;
        for (number, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
            last = Some(number);
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}
