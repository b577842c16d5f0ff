//! What a scenario starts from: the generator, stated costs, and where the player is.

use serde::Deserialize;

use super::checked::{cost, degrees, entities, mesh_bytes, place_m};

/// What fills the chunks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Generator {
    /// The city of the game.
    City,
    /// Boxes of a stated cost and size.
    Synthetic {
        /// Work per chunk in microseconds.
        #[serde(deserialize_with = "cost")]
        cost_us: f64,
        /// How the cost is spread over the chunks.
        #[serde(default)]
        spread: Spread,
        /// Entities per chunk.
        #[serde(deserialize_with = "entities")]
        entities: u32,
        /// Bytes of mesh per chunk, rounded up to whole triangles.
        #[serde(deserialize_with = "mesh_bytes")]
        bytes: u64,
    },
}

/// How the cost of synthetic chunks is spread.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Spread {
    /// Every chunk costs the same.
    #[default]
    Constant,
    /// Most chunks cost less than the mean, a few cost many times as much.
    Heavy,
}

/// What applying and unloading cost on the virtual clock.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyCost {
    /// Microseconds per entity.
    #[serde(deserialize_with = "cost")]
    pub us_per_entity: f64,
    /// Nanoseconds per byte of mesh.
    #[serde(deserialize_with = "cost")]
    pub ns_per_byte: f64,
}

impl Default for ApplyCost {
    fn default() -> Self {
        Self {
            us_per_entity: 1.0,
            ns_per_byte: 0.5,
        }
    }
}

/// Where the player starts.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Start {
    /// A point on the ground and a heading (0 = towards −Z, clockwise).
    At {
        /// East in metres.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South in metres.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Degrees.
        #[serde(default, deserialize_with = "degrees")]
        heading_deg: f64,
    },
}

/// What a chunk of the city costs by level, unless a scenario says otherwise.
pub(in crate::scenario) fn city_cost_us() -> Vec<f64> {
    vec![8_000.0, 900.0, 120.0]
}
