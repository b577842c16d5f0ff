//! HITCHES: one ticket per frame that a person felt. A click opens its breakdown: what took it, which chunks landed, and
//! what is left.

use bevy_egui::egui::{self, Align2, CollapsingHeader, Color32, Rect, Sense, pos2, vec2};

use super::Intent;
use crate::{
    overlay::style,
    telemetry::{hitch::FrameBreakdown, text::fixed, ticket::HitchTicket},
};

/// Tickets listed, newest first; older ones are behind a heading.
const LISTED: usize = 6;

/// Height of a bar, points.
const BAR_HEIGHT: f32 = 13.0;

/// Chunks listed on a ticket.
const CHUNKS: usize = 5;

/// The parts of a frame: word, letter on the bar, colour.
type Part = (&'static str, &'static str, Color32, Option<f64>);

fn parts(frame: &FrameBreakdown) -> [Part; 10] {
    [
        ("scan", "S", style::OK, Some(frame.scan_ms)),
        ("queue", "Q", style::BLUE, Some(frame.queue_ms)),
        ("apply", "A", style::BAD, Some(frame.apply_ms)),
        ("unload", "U", style::WATCH, Some(frame.unload_ms)),
        ("overlay", "O", style::INFO, frame.overlay_ms),
        ("recording", "T", style::INFO, Some(frame.recording_ms)),
        ("game", "G", style::GOOD, frame.game_ms),
        ("render", "R", style::NEUTRAL, frame.render_ms),
        ("sleep", "Z", style::NEUTRAL, frame.sleep_ms),
        (
            "unattributed",
            "?",
            style::CRITICAL,
            Some(frame.unattributed_ms),
        ),
    ]
}

pub(super) fn show(
    ui: &mut egui::Ui,
    tickets: &[HitchTicket],
    opened: Option<u64>,
    saves_bundles: Option<bool>,
    intents: &mut Vec<Intent>,
) {
    if let Some(mut saves) = saves_bundles {
        let choice = ui.checkbox(&mut saves, "save a bundle after each hitch");
        if choice
            .on_hover_text(
                "Writes what was recorded into a folder of its own after each hitch, at most eight in a run, as F9 does at any time. The same: --bundle-hitches.",
            )
            .changed()
        {
            intents.push(Intent::BundleHitches(saves));
        }
    }
    if tickets.is_empty() {
        style::line(ui, "— no hitch on record", style::NEUTRAL).on_hover_text(
            "A hitch: a frame over max(2 × target, 2.5 × median of the last second), at least 250 ms after the last one.",
        );
        return;
    }
    for ticket in tickets.iter().take(LISTED) {
        let opens = opened == Some(ticket.number);
        one(ui, ticket, opens.then_some(true), intents);
    }
    let older = tickets.get(LISTED..).unwrap_or_default();
    if older.is_empty() {
        return;
    }
    let is_opened = older.iter().any(|ticket| opened == Some(ticket.number));
    CollapsingHeader::new(format!("and {} older ones", older.len()))
        .id_salt("older tickets")
        .default_open(false)
        .open(is_opened.then_some(true))
        .show_unindented(ui, |ui| {
            for ticket in older {
                let opens = opened == Some(ticket.number);
                one(ui, ticket, opens.then_some(true), intents);
            }
        });
}

fn one(ui: &mut egui::Ui, ticket: &HitchTicket, open: Option<bool>, intents: &mut Vec<Intent>) {
    let hitch = &ticket.hitch;
    let worst = parts(&hitch.breakdown)
        .into_iter()
        .filter_map(|(word, .., ms)| Some((word, ms?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let title = format!(
        "#{:<3}{:>6.1} ms at {:>7.2} s{}",
        ticket.number,
        hitch.breakdown.dt_ms,
        hitch.t_secs,
        worst.map_or_else(String::new, |(word, ms)| format!("  {word} {ms:.1}")),
    );
    CollapsingHeader::new(style::mono(title).color(style::BAD))
        .id_salt(("ticket", ticket.number))
        .default_open(false)
        .open(open)
        .show_unindented(ui, |ui| {
            let longest_ms = hitch
                .before
                .iter()
                .flatten()
                .map(|frame| frame.dt_ms)
                .fold(hitch.breakdown.dt_ms, f64::max);
            let frames = [
                ("this", Some(&hitch.breakdown)),
                ("−1", hitch.before[0].as_ref()),
                ("−2", hitch.before[1].as_ref()),
            ];
            for (name, frame) in frames {
                bar(ui, name, frame, longest_ms);
            }
            table(ui, &hitch.breakdown);
            for landing in ticket.landed.iter().take(CHUNKS) {
                style::line(
                    ui,
                    format!(
                        "landed {} L{} #{}: made {:.1}, applied {:.2} ms",
                        landing.coord,
                        landing.level,
                        landing.request,
                        landing.generate_ms,
                        landing.apply_ms
                    ),
                    style::TEXT,
                )
                .on_hover_text("Chunk, detail level, number of the request; milliseconds of a worker to generate it and of the main thread to apply it.");
            }
            let more = ticket.landed.len().saturating_sub(CHUNKS) + ticket.more_landed;
            if more > 0 {
                style::line(ui, format!("and {more} more chunks"), style::NEUTRAL);
            }
            ui.horizontal(|ui| {
                if ui
                    .small_button("freeze here")
                    .on_hover_text("Graphs and map show this moment.")
                    .clicked()
                {
                    intents.push(Intent::Scrub(Some(hitch.t_secs)));
                }
                if ui
                    .small_button("write bundle")
                    .on_hover_text("Telemetry, settings, seed, route and log of this hitch into a folder; its name is told.")
                    .clicked()
                {
                    intents.push(Intent::SaveTicket(ticket.number));
                }
                ui.label(
                    style::mono(format!(
                        "median {:.1} ms  tasks {} apply {}",
                        hitch.median_ms, ticket.limits[0], ticket.limits[1]
                    ))
                    .small()
                    .color(style::NEUTRAL),
                )
                .on_hover_text("Median frame of the second before; max_concurrent_tasks and max_completed_per_frame in that frame.");
            });
        });
}

/// One frame as a bar of its parts, each with a letter where there is room.
fn bar(ui: &mut egui::Ui, name: &str, frame: Option<&FrameBreakdown>, longest_ms: f64) {
    let (rect, response) =
        ui.allocate_exact_size(vec2(style::CONTENT_WIDTH, BAR_HEIGHT), Sense::hover());
    let painter = ui.painter_at(rect);
    let font = egui::TextStyle::Small.resolve(ui.style());
    painter.text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        name,
        font.clone(),
        style::NEUTRAL,
    );
    let Some(frame) = frame else {
        return;
    };
    let (left, right) = (rect.left() + 26.0, rect.right() - 52.0);
    let scale = (right - left) / longest_ms.max(0.001) as f32;
    let mut x = left;
    let mut help = format!("{name}: {:.2} ms", frame.dt_ms);
    for (word, letter, color, ms) in parts(frame) {
        let Some(ms) = ms.filter(|ms| *ms > 0.0) else {
            continue;
        };
        let width = ms as f32 * scale;
        let part = Rect::from_min_max(
            pos2(x, rect.top() + 1.5),
            pos2((x + width).min(right), rect.bottom() - 1.5),
        );
        painter.rect_filled(part, 0.0, color);
        if width >= 9.0 {
            painter.text(
                part.center(),
                Align2::CENTER_CENTER,
                letter,
                font.clone(),
                Color32::BLACK,
            );
        }
        help += &format!("\n{letter} {word} {ms:.2} ms");
        x += width;
    }
    painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        format!("{:.1} ms", frame.dt_ms),
        font,
        style::TEXT,
    );
    response.on_hover_text(help);
}

/// The parts of the frame in numbers, two to a line.
fn table(ui: &mut egui::Ui, frame: &FrameBreakdown) {
    for row in parts(frame).chunks(2) {
        let text: Vec<String> = row
            .iter()
            .map(|(word, letter, _, ms)| format!("{letter} {:<12}{}", word, fixed(*ms, 6, 2)))
            .collect();
        style::line(ui, text.join("   "), style::NEUTRAL).on_hover_text(
            "ms of the frame: the stages of streaming, the overlay, telemetry (recording), the rest of the main schedule (game), what the renderer held the main thread for, waiting for the screen included (render), sleep until the frame was due, and the frame without all of these (?). As in COST.",
        );
    }
}
