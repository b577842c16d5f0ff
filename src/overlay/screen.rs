//! Puts the panel on the screen: collects its data, paints it, sends what was asked for.

use std::{fs, path, thread::JoinHandle};

use bevy::{prelude::*, window::PrimaryWindow};
use bevy_egui::{EguiPrimaryContextPass, egui};

use super::{
    clipboard,
    context::primary_context,
    pace::{Collect, Pace, Paint},
    panel::{
        Intent, OwnCost, PanelInput, PanelState, TuningView, autopilot::AutopilotView,
        history::History, panel,
    },
    scale::Scale,
    style,
};
use crate::{
    modes::{
        ControlMode, KeyboardTaken, OverlayDepth, ShowCard, StressRequest, StressState, Toast,
    },
    settings::{
        TuneRequest, Tuning,
        autopilot::{AutopilotRequest, SettingsAutopilot},
    },
    streaming::{
        LawBook, ProposeSettings, SettingSource, StreamingMetrics, StreamingRequest,
        StreamingSettings,
    },
    telemetry::{
        BundlePolicy, BundleReason, SaveBundle, Telemetry, panel_text, recording::Scrub,
        snapshot::PanelData, tracy,
    },
};

/// Seconds between two refreshes of the text: faster cannot be read.
const REFRESH_SECS: f64 = 0.25;

/// Where "Save" leaves the report, in the working directory.
const REPORT_FILE: &str = "ringroad-panel.txt";

/// Distance of the panel from the edges of the picture, points.
const MARGIN: f32 = 6.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Screen>()
        .add_message::<ProposeSettings>()
        .add_message::<StreamingRequest>()
        .add_message::<AutopilotRequest>()
        .add_message::<TuneRequest>()
        .add_message::<SaveBundle>()
        .init_resource::<Scrub>()
        .add_systems(PostUpdate, collect.run_if(is_full).in_set(Collect))
        .add_systems(PostUpdate, show_card.run_if(on_message::<ShowCard>))
        .add_systems(
            PostUpdate,
            forget_data.run_if(resource_changed::<OverlayDepth>.and_then(not(is_full))),
        )
        .add_systems(
            PostUpdate,
            tell_copied.run_if(|screen: Res<Screen>| screen.copying.is_some()),
        )
        .add_systems(
            PostUpdate,
            let_go
                .run_if(|tuning: Option<Res<Tuning>>| tuning.is_some_and(|tuning| is_held(&tuning)))
                .before(Collect),
        )
        .add_systems(
            EguiPrimaryContextPass,
            (show_panel.run_if(is_full), tell_keyboard)
                .chain()
                .in_set(Paint),
        );
}

/// Everything the panel needs between frames; the data is there only while it is shown.
#[derive(Resource, Default)]
struct Screen {
    data: Option<PanelData>,
    history: History,
    state: PanelState,
    tracy: String,
    autopilot: Option<AutopilotView>,
    tuning: Option<TuningView>,
    refreshed_at_secs: f64,
    /// The report on its way into the clipboard.
    copying: Option<JoinHandle<clipboard::Copied>>,
}

fn is_full(depth: Option<Res<OverlayDepth>>) -> bool {
    depth.is_some_and(|depth| *depth == OverlayDepth::Full)
}

fn forget_data(mut screen: ResMut<Screen>) {
    screen.data = None;
}

/// Whether a hand holds something of TUNE.
fn is_held(tuning: &Tuning) -> bool {
    tuning.is_comparing() || tuning.history().is_dragging()
}

/// Ends what is held when no hand can hold it any more: a panel that is closed, a mode that is left and a window that
/// lost the keyboard paint no button that could tell of its release.
fn let_go(world: &mut World) {
    let is_tuning = world
        .get_resource::<State<ControlMode>>()
        .is_some_and(|mode| *mode.get() == ControlMode::Tune);
    let is_shown = world
        .get_resource::<OverlayDepth>()
        .is_some_and(|depth| *depth == OverlayDepth::Full);
    let has_focus = world
        .query_filtered::<&Window, With<PrimaryWindow>>()
        .iter(world)
        .all(|window| window.focused);
    let is_down =
        primary_context(world).is_some_and(|ctx| ctx.input(|input| input.pointer.primary_down()));
    if is_tuning && is_shown && has_focus && is_down {
        return;
    }
    let (is_comparing, is_dragging) = {
        let tuning = world.resource::<Tuning>();
        (tuning.is_comparing(), tuning.history().is_dragging())
    };
    if is_comparing {
        fulfil(world, Intent::Tune(TuneRequest::HoldSaved(false)));
    }
    if is_dragging {
        fulfil(world, Intent::Tune(TuneRequest::EndDrag));
    }
}

fn show_card(mut wishes: MessageReader<ShowCard>, mut screen: ResMut<Screen>) {
    if let Some(ShowCard(card)) = wishes.read().last() {
        screen.state.show_alone(*card);
    }
}

fn collect(
    mut screen: ResMut<Screen>,
    telemetry: Res<Telemetry>,
    metrics: Option<Res<StreamingMetrics>>,
    settings: Option<Res<StreamingSettings>>,
    laws: Option<Res<LawBook>>,
    autopilot: Option<Res<SettingsAutopilot>>,
    tuning: Option<Res<Tuning>>,
    scrub: Res<Scrub>,
) {
    let (Some(metrics), Some(settings)) = (metrics, settings) else {
        return;
    };
    let now = telemetry.now_secs();
    let screen = &mut *screen;
    screen
        .history
        .update(&telemetry, screen.state.window, *scrub);
    if let Some(tuning) = &tuning
        && (tuning.is_changed() || settings.is_changed() || screen.tuning.is_none())
    {
        screen.tuning = Some(TuningView::of(tuning, settings.values()));
    }
    let is_due = (now - screen.refreshed_at_secs).abs() >= REFRESH_SECS;
    match &mut screen.data {
        // Between refreshes only what answers a hand must be fresh: the sliders' values and their refusal.
        Some(data) if !is_due => {
            if settings.is_changed() {
                data.settings = settings.values().clone();
            }
            if data.refusal.as_ref() != telemetry.last_refusal() {
                data.refusal = telemetry.last_refusal().cloned();
            }
            if let (Some(view), Some(autopilot)) = (&mut screen.autopilot, autopilot)
                && (view.is_on != autopilot.is_on() || view.target != autopilot.target())
            {
                *view = AutopilotView::of(&autopilot);
            }
        }
        data => {
            *data = Some(PanelData::collect(
                &telemetry,
                &metrics,
                settings.values(),
                laws.as_deref(),
            ));
            screen.tracy = tracy::status_line();
            screen.autopilot = autopilot.as_deref().map(AutopilotView::of);
            screen.refreshed_at_secs = now;
        }
    }
}

fn show_panel(world: &mut World) {
    let Some(ctx) = primary_context(world) else {
        return;
    };
    let mode = world
        .get_resource::<State<ControlMode>>()
        .map(|state| *state.get())
        .unwrap_or_default();
    let scale = world.resource::<Scale>().chosen;
    let pace = world.resource::<Pace>();
    let own = OwnCost {
        paint_ms: pace.cost_ms(),
        every: pace.every(),
        limit_ms: pace.limit_ms(),
    };
    let stress = world
        .get_resource::<StressState>()
        .copied()
        .unwrap_or_default();
    let saves_bundles = world
        .get_resource::<BundlePolicy>()
        .map(|policy| policy.after_hitch);
    let intents = world.resource_scope(|_, mut screen: Mut<Screen>| {
        let Screen {
            data,
            history,
            state,
            tracy,
            autopilot,
            tuning,
            ..
        } = &mut *screen;
        let Some(data) = data.as_ref() else {
            return Vec::new();
        };
        paint(
            &ctx,
            &PanelInput {
                data,
                history,
                mode,
                tracy,
                autopilot: autopilot.as_ref(),
                tuning: tuning.as_ref(),
                stress,
                saves_bundles,
                scale,
                own,
            },
            state,
        )
    });
    for intent in intents {
        fulfil(world, intent);
    }
}

/// Paints the panel as an area of the middle order: on the background layer clicks would fall through to the game.
pub(super) fn paint(
    ctx: &egui::Context,
    input: &PanelInput<'_>,
    state: &mut PanelState,
) -> Vec<Intent> {
    let screen = ctx.content_rect();
    egui::Area::new(egui::Id::new("streaming panel"))
        .order(egui::Order::Middle)
        .fixed_pos(screen.left_top() + egui::vec2(MARGIN, MARGIN))
        .show(ctx, |ui| {
            egui::Frame::new()
                .fill(style::GROUND)
                .inner_margin(egui::Margin::same(6))
                .corner_radius(3)
                .show(ui, |ui| {
                    ui.set_max_height(screen.height() - 2.0 * MARGIN - 12.0);
                    panel(ui, input, state)
                })
                .inner
        })
        .inner
}

fn fulfil(world: &mut World, intent: Intent) {
    match intent {
        Intent::Propose(changes) => {
            world.write_message(ProposeSettings {
                changes,
                source: SettingSource::Panel,
            });
        }
        Intent::Streaming(request) => {
            world.write_message::<StreamingRequest>(request);
        }
        Intent::Tune(request) => {
            let mut telemetry = world.resource_mut::<Telemetry>();
            match request {
                TuneRequest::BeginDrag => telemetry.begin_drag(),
                TuneRequest::EndDrag => telemetry.end_drag(),
                _ => {}
            }
            world.write_message::<TuneRequest>(request);
        }
        Intent::SaveTicket(number) => {
            world.write_message(SaveBundle {
                reason: BundleReason::Hitch(number),
                folder: None,
            });
        }
        Intent::BundleHitches(after_hitch) => {
            world.resource_mut::<BundlePolicy>().after_hitch = after_hitch;
        }
        Intent::Scrub(at_secs) => world.resource_mut::<Scrub>().at_secs = at_secs,
        Intent::Autopilot(request) => {
            world.write_message(request);
        }
        Intent::Stress(request) => {
            world.write_message::<StressRequest>(request);
        }
        Intent::Scale(chosen) => {
            world.resource_mut::<Scale>().chosen = chosen;
        }
        Intent::SaveReport => {
            let Some(text) = report(world) else { return };
            let toast = save_report(&text);
            world.write_message(Toast::new(toast));
        }
        Intent::CopyReport => {
            let Some(text) = report(world) else { return };
            match clipboard::copy(text) {
                Ok(thread) => world.resource_mut::<Screen>().copying = Some(thread),
                Err(error) => {
                    world.write_message(Toast::new(format!("not copied: {error}")));
                }
            }
        }
    }
}

/// Says how copying ended. Where there is no clipboard the report of now goes into a file.
fn tell_copied(mut screen: ResMut<Screen>, mut toasts: MessageWriter<Toast>) {
    let Some(thread) = screen.copying.take_if(|thread| thread.is_finished()) else {
        return;
    };
    let copied = thread
        .join()
        .unwrap_or_else(|_| Err("it panicked".to_owned()));
    toasts.write(Toast::new(match copied {
        Ok(program) => format!("panel report copied ({program})"),
        Err(why) => {
            let text = screen.data.as_ref().map(panel_text);
            let saved = text.map(|text| save_report(&text)).unwrap_or_default();
            format!("no clipboard: {why}; {saved}")
        }
    }));
}

fn report(world: &World) -> Option<String> {
    world.resource::<Screen>().data.as_ref().map(panel_text)
}

/// Writes the report and says where it is.
fn save_report(text: &str) -> String {
    let path = full_path(REPORT_FILE);
    // Whoever reads the old one meanwhile never sees half of the new one.
    let part = format!("{REPORT_FILE}.part");
    match fs::write(&part, text).and_then(|()| fs::rename(&part, REPORT_FILE)) {
        Ok(()) => format!("panel report written to {path}"),
        Err(error) => format!("panel report not written to {path}: {error}"),
    }
}

/// The whole path of a file in the working directory, as far as it is known.
fn full_path(file: &str) -> String {
    path::absolute(file).map_or_else(|_| file.to_owned(), |path| path.display().to_string())
}

/// Tells the game to leave the keys alone while a text field has the focus. Any other focus (Tab gives it to
/// buttons) is taken away: the keys drive then, and Space must not press a button as well.
pub(super) fn tell_keyboard(world: &mut World) {
    let is_tuning = world
        .get_resource::<State<ControlMode>>()
        .is_some_and(|state| *state.get() == ControlMode::Tune);
    let is_typing =
        is_tuning && primary_context(world).is_some_and(|ctx| keeps_only_text_focus(&ctx));
    let mut taken = world.resource_mut::<KeyboardTaken>();
    if taken.0 != is_typing {
        taken.0 = is_typing;
    }
}

/// Whether a text field has the focus; a focus elsewhere is dropped.
fn keeps_only_text_focus(ctx: &egui::Context) -> bool {
    let is_typing = ctx.text_edit_focused();
    if !is_typing {
        ctx.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                memory.surrender_focus(focused);
            }
        });
    }
    is_typing
}
