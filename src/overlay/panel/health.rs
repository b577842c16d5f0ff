//! HEALTH: the verdict in words, frame times, the ledger of law 1, broken laws.

use bevy_egui::egui::{self, Color32, Sense, Stroke, pos2, vec2};

use super::{Intent, history::History};
use crate::{
    overlay::style,
    telemetry::{health::Verdict, snapshot::PanelData, text::fixed},
};

/// Top of the frame-time scale, ms; fixed, so that a bar always means the same.
const SCALE_MS: f32 = 33.0;

/// Height of the bars, points.
const BARS_HEIGHT: f32 = 18.0;

/// The next step takes so much, button or not, points.
const ADVICE_HEIGHT: f32 = 16.0;

/// The verdict has room for so many lines, so that nothing below it moves when it changes.
const VERDICT_LINES: f32 = 3.0;

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &PanelData,
    history: &History,
    intents: &mut Vec<Intent>,
) {
    verdict(ui, data);
    ui.vertical(|ui| {
        ui.set_min_height(ADVICE_HEIGHT);
        advice(ui, data, intents);
    });
    frame_bars(ui, history, data.target_ms as f32);
    let summary = data.frame_time;
    style::line(
        ui,
        format!(
            "n {:<4} p50 {} p95 {} p99 {} max {} ms",
            summary.map_or(0, |s| s.n),
            fixed(summary.map(|s| s.p50), 5, 1),
            fixed(summary.map(|s| s.p95), 5, 1),
            fixed(summary.map(|s| s.p99), 5, 1),
            fixed(summary.map(|s| s.max), 5, 1),
        ),
        style::TEXT,
    )
    .on_hover_text(
        "True time from one frame's end to the next, over the time that COST names. Percentiles by nearest rank.",
    );
    style::line(
        ui,
        format!(
            "fps {}  target {:.1} ms  hitches {} (h1 {})",
            fixed(data.fps, 5, 1),
            data.target_ms,
            data.hitches.0,
            data.hitches.1
        ),
        style::TEXT,
    )
    .on_hover_text("fps: frames ÷ seconds of the last second. Hitch: a frame over max(2 × target, 2.5 × median of the last second), at least 250 ms after the last one. h1: over max(2 × median, median + 4 ms).");
    ledger(ui, data);
    laws(ui, data);
}

fn verdict(ui: &mut egui::Ui, data: &PanelData) {
    let line_height = ui.text_style_height(&egui::TextStyle::Body);
    ui.vertical(|ui| {
        ui.set_min_height(VERDICT_LINES * line_height);
        ui.label(
            // A step is not torn apart at the end of a line.
            egui::RichText::new(data.health.line().replace(" > ", "\u{a0}>\u{a0}"))
                .color(verdict_color(data.health.verdict))
                .strong(),
        )
        .on_hover_text(
            "The narrowest place of the pipeline over the last 2 s (hitches: 3 s), or more where frames are slow, but never from before the newest change of a setting; the limit that makes it so, and the next step.",
        );
    });
}

/// The next step as a button; where there is none to press, where to look.
fn advice(ui: &mut egui::Ui, data: &PanelData, intents: &mut Vec<Intent>) {
    let Some(advice) = &data.health.advice else {
        let (text, help) = match data.health.verdict {
            Verdict::Judging => (
                "judging; the next step comes with the verdict",
                "A verdict needs some frames under the settings that are in force now.",
            ),
            _ => ("nothing to do", "The verdict asks for no change."),
        };
        style::line(ui, text, style::NEUTRAL).on_hover_text(help);
        return;
    };
    let intent = advice
        .proposal()
        .map(Intent::Propose)
        .or_else(|| advice.request().map(Intent::Streaming));
    let Some(intent) = intent else {
        style::line(ui, format!("> {}", advice.text()), style::WATCH).on_hover_text(advice.why);
        return;
    };
    let width = ui.available_width();
    let button =
        egui::Button::new(style::mono(format!("do it: {}", advice.text())).color(style::WATCH))
            .truncate()
            .min_size(vec2(0.0, ADVICE_HEIGHT));
    let pressed = ui
        .scope(|ui| {
            ui.set_max_width(width);
            ui.add(button)
        })
        .inner
        .on_hover_text(format!(
            "{}\n{}{}",
            advice.text(),
            advice.why,
            // Undo knows settings; what is asked of streaming is done.
            if matches!(intent, Intent::Propose(_)) {
                "\nUndo takes it back."
            } else {
                ""
            }
        ));
    if pressed.clicked() {
        intents.push(intent);
    }
}

fn verdict_color(verdict: Verdict) -> Color32 {
    match verdict {
        Verdict::Idle => style::GOOD,
        Verdict::Judging | Verdict::Paused | Verdict::NotUs => style::INFO,
        Verdict::GenBound
        | Verdict::PoolBound
        | Verdict::ApplyBound
        | Verdict::TimeBound
        | Verdict::BytesBound
        | Verdict::ScanBound
        | Verdict::MemoryBound => style::WATCH,
        Verdict::Starved | Verdict::Hitching | Verdict::Stuck => style::BAD,
        Verdict::Leak => style::CRITICAL,
    }
}

fn frame_bars(ui: &mut egui::Ui, history: &History, target_ms: f32) {
    let (rect, response) =
        ui.allocate_exact_size(vec2(style::CONTENT_WIDTH, BARS_HEIGHT), Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, ui.visuals().extreme_bg_color);
    let height_of = |ms: f32| (ms / SCALE_MS).min(1.0) * rect.height();
    let bars = history.frame_bars();
    let width = rect.width() / History::BARS as f32;
    let first = History::BARS - bars.len();
    for (index, ms) in bars.iter().enumerate() {
        let left = rect.left() + (first + index) as f32 * width;
        let bar = egui::Rect::from_min_max(
            pos2(left, rect.bottom() - height_of(*ms)),
            pos2(left + width, rect.bottom()),
        );
        painter.rect_filled(
            bar,
            0.0,
            style::frame_color(f64::from(*ms), f64::from(target_ms)),
        );
    }
    let target_y = rect.bottom() - height_of(target_ms);
    painter.hline(rect.x_range(), target_y, Stroke::new(1.0, style::TEXT));
    let scale = painter.layout_no_wrap(
        format!("{SCALE_MS:.0} ms"),
        egui::TextStyle::Small.resolve(ui.style()),
        style::NEUTRAL,
    );
    // Readable over bars as well.
    painter.rect_filled(
        egui::Rect::from_min_size(rect.left_top(), scale.size()),
        0.0,
        style::GROUND,
    );
    painter.galley(rect.left_top(), scale, style::NEUTRAL);
    let newest = history.frozen_secs().map_or_else(
        || "newest right".to_owned(),
        |at| format!("up to the frozen moment {at:.2} s, as far as frames are on record"),
    );
    response.on_hover_text(format!(
        "One bar per frame, {newest}, 0–{SCALE_MS:.0} ms; the line is the target {target_ms:.1} ms."
    ));
}

fn ledger(ui: &mut egui::Ui, data: &PanelData) {
    let ledger = &data.ledger;
    let (word, color) = if ledger.is_balanced() {
        ("OK", style::GOOD)
    } else {
        ("NOT BALANCED", style::CRITICAL)
    };
    let help = "Law 1, every frame: requested = applied + stale + cancelled + failed + running + waiting; waiting = queued + ready + applying.";
    let terms = format!(
        "applied {} stale {} cancelled {} failed {} running {} waiting {}",
        ledger.applied,
        ledger.stale,
        ledger.cancelled,
        ledger.failed,
        ledger.running,
        ledger.waiting
    );
    let broken = data.broken_laws().count();
    let laws = if broken == 0 {
        let checked = data.laws.iter().filter(|law| law.checked > 0).count();
        format!("{checked}/{} laws checked, all kept", data.laws.len())
    } else {
        format!("{broken} laws BROKEN")
    };
    style::line(
        ui,
        format!("ledger {} = {} {word}   {laws}", ledger.requested, ledger.sum()),
        if broken == 0 { color } else { style::CRITICAL },
    )
    .on_hover_text(format!("{help}\n{terms}\nThe laws of docs/STREAMING.md are checked while the game runs, unless it was built and started without."));
    if style::is_low(ui) {
        // The terms are in the hover text.
        return;
    }
    style::line(
        ui,
        format!(
            " appl {} stale {} canc {} fail {} run {} wait {}",
            ledger.applied,
            ledger.stale,
            ledger.cancelled,
            ledger.failed,
            ledger.running,
            ledger.waiting
        ),
        style::NEUTRAL,
    )
    .on_hover_text(help);
}

fn laws(ui: &mut egui::Ui, data: &PanelData) {
    for law in data.broken_laws() {
        let first = law.first.as_deref().unwrap_or("no details");
        style::line(
            ui,
            format!("! law {} violated {}×: {first}", law.number, law.violations),
            style::CRITICAL,
        )
        .on_hover_text(first);
    }
}
