//! What expectations mean, and what is said of those that mean nothing.

use serde_json::json;

use super::*;

fn report() -> Value {
    json!({
        "counters": { "applied": 201, "stale_discarded": 3, "cancelled": 4, "wasted_worker_ms": 1.5 },
        "gauges_max": { "loaded": 98, "priority_regret": null },
        "settled": true,
        "preloads": [{ "late_ms": 0 }, { "late_ms": 12.5 }],
        "clock": "virtual",
        "laws": { "3": { "violations": 0 } },
        "marks": [
            { "name": "lap 2", "gauges": { "meshes": 77 } },
            { "name": "lap 20", "gauges": { "meshes": 77 } },
        ],
    })
}

fn is_met(text: &str) -> bool {
    Expectation::parse(text)
        .expect(text)
        .judge(&report())
        .is_met
}

#[test]
fn every_comparison_compares_numbers() {
    assert!(is_met("gauges_max.loaded >= 98") && !is_met("gauges_max.loaded >= 99"));
    assert!(is_met("counters.applied > 200") && !is_met("counters.applied > 201"));
    assert!(is_met("laws.3.violations == 0") && !is_met("laws.3.violations != 0"));
    assert!(is_met("counters.wasted_worker_ms < 1.6") && !is_met("counters.wasted_worker_ms <= 1"));
}

#[test]
fn sums_add_and_subtract() {
    assert!(is_met("counters.stale_discarded + counters.cancelled == 7"));
    assert!(is_met(
        "counters.applied - 1 == counters.stale_discarded + 197"
    ));
}

#[test]
fn products_come_before_sums_and_ratios_of_counts_are_exact() {
    assert!(is_met("counters.applied / counters.stale_discarded == 67"));
    assert!(is_met("1 + 2 * counters.stale_discarded == 7"));
    assert!(is_met("counters.applied / 2 > 100.4") && is_met("12 / 2 / 3 == 2"));
    let finding = Expectation::parse("counters.applied / 0 == 1")
        .expect("legal")
        .judge(&report());
    assert!(!finding.is_met && finding.text.contains("null"));
}

#[test]
fn items_of_lists_are_named_by_their_index() {
    assert!(is_met("preloads[1].late_ms == 12.5") && is_met("preloads[0].late_ms < 1"));
    assert!(!is_met("preloads[2].late_ms >= 0"), "there is none");
    let refusal = |text| Expectation::parse(text).expect_err("refused");
    assert!(refusal("preloads[0].lat_ms > 1").contains("did you mean `late_ms`?"));
    assert!(refusal("preload[0].late_ms > 1").contains("did you mean `preloads`?"));
    assert!(refusal("preloads[x].late_ms > 1").contains("preloads[0]"));
}

#[test]
fn truth_and_text_are_compared_too() {
    assert!(is_met("settled == true") && !is_met("settled == false"));
    assert!(is_met("clock == \"virtual\"") && is_met("clock != \"real\""));
    assert!(!is_met("clock < \"z\""));
}

#[test]
fn marks_are_compared_with_each_other() {
    assert!(is_met(
        "marks[\"lap 20\"].gauges.meshes == marks[\"lap 2\"].gauges.meshes"
    ));
    let expectation = Expectation::parse("marks[\"lap 2\"].gauges.meshes > 0").expect("legal");
    assert_eq!(expectation.marks().collect::<Vec<_>>(), ["lap 2"]);
}

#[test]
fn missing_data_meets_nothing() {
    for comparison in ["==", "!=", "<=", ">=", "<", ">"] {
        assert!(!is_met(&format!(
            "gauges_max.priority_regret {comparison} 0"
        )));
        assert!(!is_met(&format!("content_hash {comparison} 0")));
    }
}

#[test]
fn paths_that_no_report_has_are_refused_with_the_legal_ones() {
    let error = Expectation::parse("gauge_max.loaded > 1").expect_err("refused");
    assert!(
        error.contains("did you mean `gauges_max.loaded`?"),
        "{error}"
    );
    assert!(error.contains("counters.applied"), "{error}");
    let error = Expectation::parse("marks[\"a\"].gauges.lauded > 1").expect_err("refused");
    assert!(error.contains("gauges.loaded"), "{error}");
    let error = Expectation::parse("counters > 1").expect_err("refused");
    assert!(error.contains("not one value"), "{error}");
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    for text in [
        "",
        "==",
        "1",
        "1 ==",
        "counters.applied",
        "counters.applied =! 3",
        "1 == 2 3",
        "\"a",
        "marks",
        "marks[",
        "marks[\"a\"",
        "marks[\"a\"].",
        "-",
        "- == 1",
        "1.2.3 == 1",
        "true + 1 == 2",
        "1 * == 1",
        "1 / \"a\" == 1",
        "preloads[0]",
        "preloads[0",
        "preloads[-1].x == 1",
        "preloads.late_ms == 1",
        "äö == 1",
        "counters..x == 1",
    ] {
        assert!(Expectation::parse(text).is_err(), "{text}");
    }
}
