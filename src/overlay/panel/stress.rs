//! STRESS: trouble on request, seeded and logged. What is on is said beside its button, and CALM ends all of it.

use bevy_egui::egui;

use super::{Intent, tune::load_radius};
use crate::{
    modes::{StressRequest, StressState},
    overlay::style,
    telemetry::snapshot::PanelData,
};

/// Share of generations that panics.
const PANIC_RATE: f64 = 0.05;
/// Milliseconds that a slow worker takes longer.
const SLOW_MS: f64 = 20.0;
/// Length of a stall, seconds.
const STALL_SECS: f64 = 5.0;
/// How many chunks may be asked for at full detail.
const CROWDS: [u32; 2] = [500, 2_000];

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &PanelData,
    state: StressState,
    intents: &mut Vec<Intent>,
) {
    if !state.is_served {
        style::line(ui, "— nobody serves faults in this program", style::NEUTRAL);
        return;
    }
    let StressState {
        is_served: _,
        panic_rate,
        slow_ms,
        stall_left_secs,
        teleports_left,
        is_circling,
    } = state;
    ui.horizontal_wrapped(|ui| {
        let mut ask = |request| intents.push(Intent::Stress(request));
        if switch(
            ui,
            "teleport ×10",
            teleports_left > 0,
            "Ten jumps, one a second, to places up to 20 km away that follow from the seed; the last one leads back.",
        ) {
            ask(StressRequest::TeleportTen);
        }
        let panics = panic_rate > 0.0;
        if switch(
            ui,
            "panic 5 %",
            panics,
            "One generation in twenty panics; which ones follows from seed, place and attempt. Each stays in its chunk and is tried again.",
        ) {
            ask(StressRequest::PanicRate(if panics { 0.0 } else { PANIC_RATE }));
        }
        let slow = slow_ms > 0.0;
        if switch(
            ui,
            "slow +20 ms",
            slow,
            "Every generation takes 20 ms longer: look at FLOW and at the verdict.",
        ) {
            ask(StressRequest::SlowWorkers { ms: if slow { 0.0 } else { SLOW_MS } });
        }
        let stalled = stall_left_secs > 0.0;
        if switch(ui, "stall 5 s", stalled, "No generation ends for five seconds.") {
            ask(StressRequest::Stall { secs: if stalled { 0.0 } else { STALL_SECS } });
        }
        if switch(
            ui,
            "fly the circuit",
            is_circling,
            "Circles of 800 m at 60 m/s around where you are, until CALM.",
        ) {
            ask(StressRequest::FlyCircuit);
        }
    });
    ui.horizontal_wrapped(|ui| {
        for count in CROWDS {
            let radius_m = radius_for(count, data.settings.chunk_size_m);
            let button = ui.small_button(format!("{count} chunks")).on_hover_text(format!(
                "Sets load_radius_m to {radius_m:.0} m, which holds about {count} chunks at full detail. Undo takes it back."
            ));
            if button.clicked() {
                intents.push(Intent::Propose(load_radius(radius_m, &data.settings)));
            }
        }
        let calm = ui.small_button("CALM");
        if calm
            .on_hover_text("Ends every fault and flight, and tries again what was given up.")
            .clicked()
        {
            intents.push(Intent::Stress(StressRequest::Calm));
        }
    });
    let seed = data.settings.seed;
    match what_is_on(state) {
        Some(on) => style::line(ui, format!("ON: {on}   seed {seed}"), style::BAD),
        None => style::line(ui, format!("all calm   seed {seed}"), style::NEUTRAL),
    }
    .on_hover_text("Every request is in EVENTS; with the same seed the same chunks panic and the same places are visited.");
}

/// The heading tells what is on also while the card is closed.
pub(super) fn heading(state: StressState) -> String {
    match what_is_on(state) {
        Some(on) => format!("8 STRESS  {on}"),
        None => "8 STRESS".to_owned(),
    }
}

fn what_is_on(state: StressState) -> Option<String> {
    let mut on = Vec::new();
    if state.panic_rate > 0.0 {
        on.push(format!("{:.0} % panic", state.panic_rate * 100.0));
    }
    if state.slow_ms > 0.0 {
        on.push(format!("+{:.0} ms", state.slow_ms));
    }
    if state.stall_left_secs > 0.0 {
        on.push(format!("stalled {:.1} s", state.stall_left_secs));
    }
    if state.teleports_left > 0 {
        on.push(format!("{} jumps left", state.teleports_left));
    }
    if state.is_circling {
        on.push("circling".to_owned());
    }
    (!on.is_empty()).then(|| on.join(", "))
}

fn switch(ui: &mut egui::Ui, text: &str, is_on: bool, help: &str) -> bool {
    let button = egui::Button::new(text).small().selected(is_on);
    ui.add(button).on_hover_text(help).clicked()
}

/// The radius of a disc of so many cells, to whole metres.
fn radius_for(count: u32, chunk_size_m: f64) -> f64 {
    ((f64::from(count) / std::f64::consts::PI).sqrt() * chunk_size_m).round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_of_that_radius_holds_about_that_many_cells() {
        for count in CROWDS {
            let radius = radius_for(count, 200.0);
            let reach = (radius / 200.0).ceil() as i32 + 1;
            let cells = (-reach..=reach)
                .flat_map(|x| (-reach..=reach).map(move |z| (x, z)))
                .filter(|(x, z)| f64::from(*x).hypot(f64::from(*z)) * 200.0 <= radius)
                .count() as f64;
            assert!((cells / f64::from(count) - 1.0).abs() < 0.05, "{cells}");
        }
    }
}
