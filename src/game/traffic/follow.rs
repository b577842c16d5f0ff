//! How a driver keeps distance: the intelligent driver model (Treiber, Hennecke, Helbing 2000).

/// Distance to what stands ahead, metres.
pub(super) const STANDSTILL_M: f32 = 2.0;
/// Time that is kept to what drives ahead, seconds.
const HEADWAY_SECS: f32 = 1.25;
/// Comfortable braking, m/s².
pub(super) const BRAKE_MPS2: f32 = 2.2;
/// The strongest braking there is, m/s².
pub(super) const EMERGENCY_MPS2: f32 = 8.5;

/// What is ahead of a vehicle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ahead {
    /// From bumper to bumper, metres.
    pub(super) gap_m: f32,
    /// Its speed along the way, m/s.
    pub(super) speed_mps: f32,
}

/// The acceleration of a driver, m/s²: towards `wanted_mps`, and away from what is ahead.
pub(super) fn acceleration(speed_mps: f32, wanted_mps: f32, pull_mps2: f32, ahead: Option<Ahead>) -> f32 {
    let ratio = speed_mps / wanted_mps.max(0.5);
    // Above the wanted speed the model's fourth power would brake like in an emergency.
    let free = if ratio <= 1.0 {
        pull_mps2 * (1.0 - ratio * ratio * ratio * ratio)
    } else {
        -BRAKE_MPS2 * (ratio - 1.0).min(0.5) * 2.0
    };
    let Some(ahead) = ahead else {
        return free.max(-BRAKE_MPS2);
    };
    let closing = speed_mps - ahead.speed_mps;
    let wanted_gap = STANDSTILL_M
        + (speed_mps * HEADWAY_SECS
            + speed_mps * closing / (2.0 * (pull_mps2 * BRAKE_MPS2).sqrt()))
        .max(0.0);
    let share = wanted_gap / ahead.gap_m.max(0.05);
    (free.min(pull_mps2) - pull_mps2 * share * share).clamp(-EMERGENCY_MPS2, pull_mps2)
}

/// The speed from which one can still brake gently to another within a distance, m/s.
pub(super) fn braking_from(speed_mps: f32, distance_m: f32) -> f32 {
    (speed_mps * speed_mps + 2.0 * BRAKE_MPS2 * 0.8 * distance_m.max(0.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_driver_reaches_the_limit_and_stays_there() {
        let mut speed = 0.0;
        for _ in 0..32 * 40 {
            speed += acceleration(speed, 14.0, 1.8, None) / 32.0;
            assert!(speed < 14.1);
        }
        assert!(speed > 13.5);
    }

    #[test]
    fn a_driver_stops_behind_what_stands() {
        let (mut speed, mut gap) = (14.0_f32, 80.0_f32);
        for _ in 0..32 * 60 {
            let ahead = Ahead { gap_m: gap, speed_mps: 0.0 };
            let change = acceleration(speed, 14.0, 1.8, Some(ahead));
            assert!(change > -5.0, "braked with {change}");
            speed = (speed + change / 32.0).max(0.0);
            gap -= speed / 32.0;
        }
        assert!(speed < 0.1 && (1.5..3.5).contains(&gap), "{speed} {gap}");
    }
}
