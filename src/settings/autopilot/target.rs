//! What the user states, and what may be asked of the autopilot.

use std::fmt;

use bevy::ecs::message::Message;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The targets that a frame can be steered to, ms.
const LEGAL_MS: (f64, f64) = (0.1, 20.0);

/// What the settings are to reach.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutopilotTarget {
    /// Main-thread milliseconds of streaming per frame that 99 of 100 frames keep within; 0.1 to 20.
    pub streaming_ms_p99: f64,
    /// Whether no chunk may be late for the must-have ring, and no frame have a hole in its view.
    pub nothing_late: bool,
}

impl Default for AutopilotTarget {
    fn default() -> Self {
        Self {
            streaming_ms_p99: 1.0,
            nothing_late: true,
        }
    }
}

impl fmt::Display for AutopilotTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "streaming ≤ {} ms p99", self.streaming_ms_p99)?;
        if self.nothing_late {
            f.write_str(", nothing late")?;
        }
        Ok(())
    }
}

/// A target that no settings can be steered to.
#[derive(Copy, Clone, Debug, PartialEq, Error)]
#[error("a target of {given} ms p99 is out of range; legal is {} to {} ms", LEGAL_MS.0, LEGAL_MS.1)]
pub struct AutopilotTargetError {
    given: f64,
}

impl AutopilotTarget {
    /// The least and the greatest legal milliseconds.
    pub const LEGAL_MS: (f64, f64) = LEGAL_MS;

    /// A target that was judged.
    ///
    /// # Errors
    /// The milliseconds are not within 0.1 to 20.
    pub fn new(streaming_ms_p99: f64, nothing_late: bool) -> Result<Self, AutopilotTargetError> {
        if (LEGAL_MS.0..=LEGAL_MS.1).contains(&streaming_ms_p99) {
            Ok(Self {
                streaming_ms_p99,
                nothing_late,
            })
        } else {
            Err(AutopilotTargetError {
                given: streaming_ms_p99,
            })
        }
    }
}

/// Something a panel or a scenario may ask of the autopilot; answered in `Last` of the same frame.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum AutopilotRequest {
    /// Steer to a target; while it steers, change the target.
    SwitchOn(AutopilotTarget),
    /// Leave the settings as they are.
    SwitchOff,
    /// Leave one field alone. A field that it never sets is refused with a warning.
    Pin(String),
    /// Steer one field again.
    Unpin(String),
    /// Steer every field again.
    UnpinAll,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_reads_as_it_is_meant_and_nonsense_is_refused() {
        let target = AutopilotTarget::new(1.0, true).unwrap();
        assert_eq!(target.to_string(), "streaming ≤ 1 ms p99, nothing late");
        for given in [0.0, -1.0, f64::NAN, f64::INFINITY, 21.0] {
            let error = AutopilotTarget::new(given, true).unwrap_err().to_string();
            assert!(
                error.contains(&given.to_string()) && error.contains("0.1 to 20"),
                "{error}"
            );
        }
    }
}
