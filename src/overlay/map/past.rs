//! The map of a moment of the past, from the steps of each cell until then, and what the settings were.

use bevy::math::DVec2;

use super::{MapCell, MapRadii};
use crate::{
    streaming::{
        CellStage, CellView, DetailLevel, FocusPurpose, FocusView, LifeEvent, LifeStep, Outlook,
        PastCell, StreamingValues,
    },
    telemetry::{log::SettingMark, route::RoutePoint, sample::Sample},
};

/// A cell that began to leave so long before has left: when the last of it went is not on record, s.
const LEAVING_SECS: f64 = 1.0;

/// The cells as their newest steps left them; what was forgotten by then is not on the map.
pub(super) fn cells(past: Vec<PastCell>, t_secs: f64) -> Vec<MapCell> {
    past.into_iter()
        .filter_map(|cell| {
            let event = cell.newest;
            let stage = stage_after(&event, cell.shown)?;
            if stage == CellStage::Retiring && t_secs - event.t_secs > LEAVING_SECS {
                return None;
            }
            let shown = cell.shown;
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
fn stage_after(event: &LifeEvent, shown: Option<DetailLevel>) -> Option<CellStage> {
    Some(match event.step {
        LifeStep::Requested { .. } => CellStage::Queued,
        LifeStep::Started => CellStage::Running,
        LifeStep::Generated => CellStage::Ready,
        LifeStep::Applying => CellStage::Applying,
        LifeStep::Landed => CellStage::Idle,
        LifeStep::Failed { .. } => CellStage::Backoff,
        LifeStep::GivenUp => CellStage::Quarantined,
        LifeStep::Unloaded | LifeStep::Evicted => CellStage::Retiring,
        LifeStep::Lost => CellStage::Missing,
        // What was seen before the request stays.
        LifeStep::Discarded | LifeStep::Cancelled if shown.is_some() => CellStage::Idle,
        LifeStep::Discarded | LifeStep::Cancelled | LifeStep::Forgotten => return None,
    })
}

/// The radii of then: those of now, with what was changed since taken back. Memory's reach is not on record.
pub(super) fn radii<'a>(
    now: &StreamingValues,
    marks: impl DoubleEndedIterator<Item = &'a SettingMark>,
    t_secs: f64,
) -> MapRadii {
    let mut then = now.clone();
    for mark in marks.rev().take_while(|mark| mark.t_secs > t_secs) {
        // What was in force was readable.
        let _ = then.set(mark.field, &mark.old);
    }
    MapRadii {
        must_have_m: then.must_have_radius_m,
        load_m: then.load_radius_m,
        unload_m: then.unload_radius_m,
        view_m: then.view_radius_m,
        reach_m: None,
    }
}

/// What was foreseen in a frame. Which cell would be the hole is not on record.
pub(super) fn outlook(sample: &Sample) -> Outlook {
    Outlook {
        hole_in_secs: sample.horizon_secs,
        rate_per_sec: sample.rate_per_sec,
        need_per_sec: sample.need_per_sec,
        speed_mps: sample.speed_mps,
        ..Outlook::default()
    }
}

/// How a cell came to stand so, from its steps; reasons of then are not on record.
pub(super) fn why(steps: &[LifeEvent], t_secs: f64) -> String {
    let newest = steps.iter().rev().find(|step| step.t_secs <= t_secs);
    newest.map_or_else(
        || "at that moment: — not on record".to_owned(),
        |step| {
            format!(
                "at that moment: {} {:.1} s before; the reason of then is not on record",
                step.step.word(),
                t_secs - step.t_secs
            )
        },
    )
}

/// Where the player was, as a focus; how it moved follows from where it was shortly before.
pub(super) fn focus(point: &RoutePoint, before: Option<&RoutePoint>) -> FocusView {
    let at = DVec2::new(point.x, point.z);
    let velocity = before
        .filter(|before| before.t_secs < point.t_secs)
        .map_or(DVec2::ZERO, |before| {
            (at - DVec2::new(before.x, before.z)) / (point.t_secs - before.t_secs)
        });
    // 0° looks towards −Z, clockwise.
    let (sin, cos) = point.heading_deg.to_radians().sin_cos();
    FocusView {
        at,
        ahead: at,
        heading: velocity.normalize_or_zero(),
        facing: DVec2::new(sin, -cos),
        speed_mps: velocity.length(),
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
        let past = |newest: LifeEvent, shown: Option<u8>| PastCell {
            newest,
            shown: shown.map(DetailLevel),
        };
        let then = cells(
            vec![
                past(event(0, LifeStep::Landed, Some(1)), Some(1)),
                past(event(1, LifeStep::Started, None), None),
                past(event(2, LifeStep::Forgotten, None), None),
                past(event(3, LifeStep::Failed { attempt: 1 }, None), None),
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
    fn what_is_seen_stays_while_more_of_it_is_made_and_when_that_is_cancelled() {
        let refined = |step| {
            let past = PastCell {
                newest: event(0, step, None),
                shown: Some(DetailLevel(1)),
            };
            let cell = cells(vec![past], 3.0).pop().expect("it is there");
            (cell.view.stage, cell.view.shown)
        };
        let seen = Some(DetailLevel(1));
        assert_eq!(refined(LifeStep::Started), (CellStage::Running, seen));
        assert_eq!(refined(LifeStep::Generated), (CellStage::Ready, seen));
        assert_eq!(refined(LifeStep::Cancelled), (CellStage::Idle, seen));
        assert_eq!(refined(LifeStep::Discarded), (CellStage::Idle, seen));
    }

    #[test]
    fn what_began_to_leave_is_leaving_for_a_moment_and_then_gone() {
        let left = PastCell {
            newest: event(0, LifeStep::Unloaded, None),
            shown: None,
        };
        let stages = |t_secs| {
            let cells = cells(vec![left], t_secs).into_iter();
            cells.map(|cell| cell.view.stage).collect::<Vec<_>>()
        };
        assert_eq!(stages(2.5), [CellStage::Retiring]);
        assert_eq!(stages(4.0), []);
    }

    #[test]
    fn the_radii_are_those_of_then() {
        let now = StreamingValues::default();
        let mark = |t_secs, old: &str, new: &str| SettingMark {
            t_secs,
            field: "must_have_radius_m",
            old: old.to_owned(),
            new: new.to_owned(),
            drag: None,
            source: "panel",
        };
        let marks = [mark(2.0, "100", "110"), mark(4.0, "110", "120")];
        let at = |t_secs| radii(&now, marks.iter(), t_secs).must_have_m;
        assert_eq!((at(1.0), at(3.0)), (100.0, 110.0));
        assert_eq!(at(5.0), now.must_have_radius_m);
    }

    #[test]
    fn the_player_of_the_past_looks_where_it_looked() {
        let here = RoutePoint {
            heading_deg: 90.0,
            x: 3.0,
            z: -4.0,
            ..RoutePoint::default()
        };
        let east = focus(&here, None);
        let before = RoutePoint {
            x: -1.0,
            z: -4.0,
            t_secs: here.t_secs - 0.5,
            ..here
        };
        let moving = focus(&here, Some(&before));
        assert_eq!((moving.heading, moving.speed_mps), (DVec2::X, 8.0));
        assert_eq!(east.at, DVec2::new(3.0, -4.0));
        assert!((east.facing - DVec2::X).length() < 1e-9);
    }
}
