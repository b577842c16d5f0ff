//! The graphs from made-up runs.

use super::*;
use crate::telemetry::sample::Sample;

fn run(samples: impl IntoIterator<Item = Sample>) -> Telemetry {
    let mut telemetry = Telemetry::default();
    for sample in samples {
        telemetry.take_sample(sample);
    }
    telemetry
}

fn sample(frame: u64, t_secs: f64, active: u64) -> Sample {
    Sample {
        frame,
        t_secs,
        active,
        frame_ms: 16.0,
        ..Sample::default()
    }
}

fn drawing<'a>(history: &'a History, id: &str) -> &'a Drawing {
    history
        .drawings
        .iter()
        .find(|drawing| drawing.metric.is_some_and(|(_, metric)| metric.id == id))
        .expect("it is in a graph")
}

#[test]
fn each_window_shows_its_length_and_an_hour_takes_no_more_memory() {
    let telemetry = run((0..36_000).map(|frame| sample(frame, frame as f64 * 0.1, frame % 4)));
    let mut history = History::default();
    for window in Window::ALL {
        history.update(&telemetry, window, Scrub::default());
        let shown = drawing(&history, "active");
        let first = shown.high.first().expect("it was recorded").x;
        let last = shown.high.last().expect("it was recorded").x;
        let length = last - first;
        assert!(
            length <= window.secs() && length >= window.secs() * 0.9,
            "{} shows {length} s",
            window.word()
        );
        assert!(
            history.drawings.iter().all(
                |drawing| drawing.high.capacity() == POINTS && drawing.low.capacity() == POINTS
            )
        );
        assert_eq!(history.bars.len(), History::BARS);
    }
}

#[test]
fn a_peak_between_two_places_of_the_panel_is_not_lost() {
    let telemetry = run((0..6_000).map(|frame| {
        let active = if frame == 3_333 { 40 } else { 1 };
        sample(frame, frame as f64 / 600.0, active)
    }));
    let mut history = History::default();
    history.update(&telemetry, Window::Secs10, Scrub::default());
    let shown = drawing(&history, "active");
    assert!(shown.high.len() <= POINTS);
    let peak = shown.high.iter().map(|point| point.y).fold(0.0, f64::max);
    assert_eq!(peak, 40.0);
}

#[test]
fn a_value_without_data_draws_no_point() {
    let telemetry = run([sample(1, 1.0, 0), sample(2, 1.1, 0)]);
    let mut history = History::default();
    history.update(&telemetry, Window::Secs60, Scrub::default());
    assert!(drawing(&history, "generate_ms").high.is_empty());
    assert!(!drawing(&history, "active").high.is_empty());
}

#[test]
fn frozen_graphs_stand_still_while_the_run_goes_on() {
    let mut telemetry = run((0..600).map(|frame| sample(frame, frame as f64 / 60.0, frame / 100)));
    let mut history = History::default();
    let scrub = Scrub { at_secs: Some(4.0) };
    history.update(&telemetry, Window::Secs10, scrub);
    let frozen = history.range();
    assert_eq!(drawing(&history, "active").shown, Some(2.0));
    let places = |history: &History| -> Vec<(f64, f64)> {
        let high = &drawing(history, "active").high;
        high.iter().map(|point| (point.x, point.y)).collect()
    };
    let (points, bars) = (places(&history), history.bars.clone());
    assert!(points.len() > 500 && !bars.is_empty());
    // Longer than the window.
    for frame in 600..1_800 {
        telemetry.take_sample(sample(frame, frame as f64 / 60.0, 9));
    }
    history.update(&telemetry, Window::Secs10, scrub);
    assert_eq!(history.range(), frozen);
    assert_eq!(places(&history), points);
    assert_eq!(history.bars, bars);
    // What is read anew is the same: the run has gone on beyond it.
    history.read_for = None;
    history.update(&telemetry, Window::Secs10, scrub);
    assert_eq!(places(&history), points);
    assert_eq!(drawing(&history, "active").shown, Some(2.0));
    history.update(&telemetry, Window::Secs10, Scrub::default());
    assert_eq!(drawing(&history, "active").shown, Some(9.0), "live again");
}

#[test]
fn a_moment_beyond_the_window_is_shown_with_what_is_kept_of_it() {
    let telemetry = run((0..6_000).map(|frame| sample(frame, frame as f64 / 10.0, frame / 10)));
    for (window, at) in [
        (Window::Secs10, 570.0),
        (Window::Secs60, 300.0),
        (Window::Secs10, 100.0),
    ] {
        let mut history = History::default();
        history.update(&telemetry, window, Scrub { at_secs: Some(at) });
        assert!(history.range().contains(&at), "{:?}", history.range());
        let shown = drawing(&history, "active");
        let near = shown
            .high
            .iter()
            .find(|point| (point.x - at).abs() <= 1.0)
            .expect("it is on record");
        assert!((near.y - at).abs() <= 2.0, "{near:?}");
        let first = shown.high.first().expect("it is on record").x;
        assert!(first - history.range().start() <= 1.1, "{first}");
    }
}

#[test]
fn no_typed_moment_leaves_the_record() {
    let telemetry = run((0..200).map(|frame| sample(frame, frame as f64 / 10.0, 1)));
    let mut history = History::default();
    for typed in [-100.0, 1e300, f64::INFINITY, f64::NAN, f64::NEG_INFINITY] {
        let scrub = Scrub {
            at_secs: Some(typed),
        };
        history.update(&telemetry, Window::Secs60, scrub);
        let range = history.range();
        assert!(range.start().is_finite() && *range.end() <= 19.9, "{typed}");
        assert!(
            history
                .frozen_secs
                .is_none_or(|at| (0.0..=19.9).contains(&at))
        );
        assert_eq!(history.legal_moment(typed).is_some(), typed.is_finite());
    }
}

#[test]
fn a_mark_says_what_was_changed_and_the_axis_says_when() {
    let mut telemetry = run((0..200).map(|frame| sample(frame, frame as f64 / 10.0, 1)));
    telemetry.log_mut().push_mark(SettingMark {
        t_secs: 5.0,
        field: "max_concurrent_tasks",
        old: "3".to_owned(),
        new: "6".to_owned(),
        drag: None,
        source: "panel",
    });
    let mut history = History::default();
    history.update(&telemetry, Window::Secs60, Scrub::default());
    assert_eq!(
        history.changes_about(5.5),
        "\nmax_concurrent_tasks 3 > 6 (panel)"
    );
    assert_eq!(history.changes_about(9.0), "");
    assert_eq!(history.axis(), ["−60 s", "−30 s", "now"]);
    history.update(
        &telemetry,
        Window::Secs10,
        Scrub {
            at_secs: Some(12.0),
        },
    );
    assert_eq!(history.axis(), ["9.9 s", "14.9 s", "19.9 s"]);
}

#[test]
fn the_top_of_a_graph_has_a_round_number() {
    for (top, round, text) in [
        (0.9, 0.7, "0.7"),
        (6.9, 5.0, "5"),
        (19.8, 15.0, "15"),
        (240.0, 200.0, "200"),
        (1_600.0, 1_500.0, "1.5k"),
    ] {
        let found = round_below(top).expect("above 0");
        assert!((found - round).abs() < 1e-9, "{top}: {found}");
        assert_eq!(value_text(found), text);
    }
    assert_eq!(round_below(0.0), None);
    assert_eq!(round_below(f64::NAN), None);
    let marks = values_shown(GridInput {
        bounds: (0.0, 240.0),
        base_step_size: 1.0,
    });
    let marks: Vec<f64> = marks.iter().map(|mark| mark.value).collect();
    assert_eq!(marks, [0.0, 200.0]);
}
