//! The map of a moment of the past, from the last step of each cell until then.

use bevy::math::DVec2;

use super::MapCell;
use crate::{
    streaming::{CellStage, CellView, DetailLevel, FocusPurpose, FocusView, LifeEvent, LifeStep},
    telemetry::route::RoutePoint,
};

/// The cells as their newest steps left them; what was forgotten by then is not on the map.
pub(super) fn cells(steps: Vec<LifeEvent>, t_secs: f64) -> Vec<MapCell> {
    steps
        .into_iter()
        .filter_map(|event| {
            let (stage, shown) = stage_after(&event)?;
            let view = CellView {
                coord: event.coord,
                stage,
                shown,
                target: None,
                ticket: event.ticket,
                attempt: match event.step {
                    LifeStep::Failed { attempt } => attempt + 1,
                    _ => 0,
                },
                is_must_have: false,
                is_in_view: false,
                need_m: f64::INFINITY,
                age_secs: if stage == CellStage::Idle {
                    0.0
                } else {
                    (t_secs - event.t_secs).max(0.0)
                },
                run_ms: None,
                discards: 0,
                bytes: 0,
                entities: 0,
            };
            Some(MapCell { view, order: None })
        })
        .collect()
}

/// How a cell stands after a step; `None` when there is nothing of it any more.
fn stage_after(event: &LifeEvent) -> Option<(CellStage, Option<DetailLevel>)> {
    let stage = match event.step {
        LifeStep::Requested { .. } => CellStage::Queued,
        LifeStep::Started => CellStage::Running,
        LifeStep::Generated => CellStage::Ready,
        LifeStep::Applying => CellStage::Applying,
        LifeStep::Landed => return Some((CellStage::Idle, event.detail)),
        LifeStep::Failed { .. } => CellStage::Backoff,
        LifeStep::GivenUp => CellStage::Quarantined,
        LifeStep::Unloaded | LifeStep::Evicted => CellStage::Retiring,
        LifeStep::Lost => CellStage::Missing,
        LifeStep::Discarded | LifeStep::Cancelled | LifeStep::Forgotten => return None,
    };
    Some((stage, None))
}

/// Where the player was, as a focus.
pub(super) fn focus(point: &RoutePoint) -> FocusView {
    let at = DVec2::new(point.x, point.z);
    // 0° looks towards −Z, clockwise.
    let (sin, cos) = point.heading_deg.to_radians().sin_cos();
    FocusView {
        at,
        ahead: at,
        heading: DVec2::ZERO,
        facing: DVec2::new(sin, -cos),
        speed_mps: 0.0,
        purpose: FocusPurpose::See,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streaming::{ChunkCoord, ThreadName};

    fn event(x: i32, step: LifeStep, detail: Option<u8>) -> LifeEvent {
        LifeEvent {
            t_secs: 2.0,
            coord: ChunkCoord::new(x, 0),
            step,
            ticket: None,
            detail: detail.map(DetailLevel),
            thread: ThreadName::new("main"),
        }
    }

    #[test]
    fn the_last_step_says_how_a_cell_stood() {
        let then = cells(
            vec![
                event(0, LifeStep::Landed, Some(1)),
                event(1, LifeStep::Started, None),
                event(2, LifeStep::Forgotten, None),
                event(3, LifeStep::Failed { attempt: 1 }, None),
            ],
            3.5,
        );
        let stages: Vec<_> = then.iter().map(|cell| cell.view.stage).collect();
        assert_eq!(
            stages,
            [CellStage::Idle, CellStage::Running, CellStage::Backoff]
        );
        assert_eq!(then[0].view.shown, Some(DetailLevel(1)));
        assert_eq!((then[1].view.age_secs, then[2].view.attempt), (1.5, 2));
    }

    #[test]
    fn the_player_of_the_past_looks_where_it_looked() {
        let east = focus(&RoutePoint {
            heading_deg: 90.0,
            x: 3.0,
            z: -4.0,
            ..RoutePoint::default()
        });
        assert_eq!(east.at, DVec2::new(3.0, -4.0));
        assert!((east.facing - DVec2::X).length() < 1e-9);
    }
}
