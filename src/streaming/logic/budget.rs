//! One millisecond pot per frame for applying and unloading (law 6).

/// The pot of one frame. A slice may begin while there is room, so the pot is overrun by at most the
/// last slice; the first slice always may begin, so a frame always makes progress.
#[derive(Clone, Debug, Default)]
pub struct Pot {
    budget_ms: f64,
    used_ms: f64,
    largest_slice_ms: f64,
    last_slice_ms: f64,
    slices: u64,
}

impl Pot {
    /// A full pot.
    pub fn new(budget_ms: f64) -> Self {
        Self {
            budget_ms,
            ..Self::default()
        }
    }

    /// Whether another slice may begin.
    pub fn has_room(&self) -> bool {
        self.slices == 0 || self.used_ms < self.budget_ms
    }

    /// Whether most of it is left: time for something that takes longer than a slice.
    pub fn is_fresh(&self) -> bool {
        self.used_ms < self.budget_ms * 0.25
    }

    /// Pays for a slice that was done.
    pub fn charge(&mut self, slice_ms: f64) {
        self.slices += 1;
        self.last_slice_ms = 0.0;
        self.extend(slice_ms);
    }

    /// Pays for what belongs to the last slice and was done after it.
    pub fn extend(&mut self, more_ms: f64) {
        self.used_ms += more_ms;
        self.last_slice_ms += more_ms;
        self.largest_slice_ms = self.largest_slice_ms.max(self.last_slice_ms);
    }

    /// Milliseconds paid so far.
    pub fn used_ms(&self) -> f64 {
        self.used_ms
    }

    /// The most expensive slice so far, in ms.
    pub fn largest_slice_ms(&self) -> f64 {
        self.largest_slice_ms
    }

    /// Slices paid so far.
    pub fn slices(&self) -> u64 {
        self.slices
    }
}

/// Mesh bytes handed to the renderer in one frame. A mesh larger than the cap goes alone: it cannot be
/// split here, and waiting for room would be for ever.
#[derive(Clone, Debug, Default)]
pub struct UploadGate {
    cap_bytes: u64,
    used_bytes: u64,
    meshes: u64,
}

impl UploadGate {
    /// An unused gate.
    pub fn new(cap_bytes: u64) -> Self {
        Self {
            cap_bytes,
            ..Self::default()
        }
    }

    /// Whether a mesh of this size may go in this frame.
    pub fn admits(&self, bytes: u64) -> bool {
        self.meshes == 0 || self.used_bytes + bytes <= self.cap_bytes
    }

    /// Counts a mesh that went.
    pub fn count(&mut self, bytes: u64) {
        self.used_bytes += bytes;
        self.meshes += 1;
    }

    /// Bytes that went in this frame.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// Meshes that went in this frame.
    pub fn meshes(&self) -> u64 {
        self.meshes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_pot_is_overrun_by_at_most_one_slice(
            budget in 0.05..10.0_f64, slices in proptest::collection::vec(0.0..5.0_f64, 0..50)
        ) {
            let mut pot = Pot::new(budget);
            for slice in slices {
                if pot.has_room() {
                    pot.charge(slice);
                    pot.extend(slice * 0.1);
                }
            }
            prop_assert!(pot.used_ms() <= budget + pot.largest_slice_ms() + 1e-9);
        }

        #[test]
        fn the_gate_is_overrun_only_by_a_mesh_that_goes_alone(
            cap in 1..10_000_u64, meshes in proptest::collection::vec(0..20_000_u64, 0..50)
        ) {
            let mut gate = UploadGate::new(cap);
            for bytes in meshes {
                if gate.admits(bytes) {
                    gate.count(bytes);
                }
            }
            prop_assert!(gate.used_bytes() <= cap || gate.meshes() == 1);
        }
    }

    #[test]
    fn a_slice_may_begin_in_every_frame_however_small_the_budget() {
        assert!(Pot::new(0.0).has_room());
        assert!(UploadGate::new(1).admits(u64::MAX));
    }
}
