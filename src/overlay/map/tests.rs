//! The map driven as a person would, without Bevy.

use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};

use super::*;
use crate::modes::WorldMarks;
use crate::overlay::fit;
use crate::streaming::{GenerationId, LifeEvent, LifeStep, ThreadName};

struct Stage {
    data: MapData,
    state: MapState,
    mode: ControlMode,
    intents: Vec<MapIntent>,
}

const SIDE: f32 = 300.0;

pub(super) fn cell(x: i32, z: i32, stage: CellStage, shown: Option<u8>) -> MapCell {
    MapCell {
        view: CellView {
            coord: ChunkCoord::new(x, z),
            stage,
            shown: shown.map(DetailLevel),
            target: Some(DetailLevel::FULL),
            ticket: (stage == CellStage::Running).then_some(GenerationId(42)),
            attempt: 0,
            is_must_have: false,
            is_in_view: true,
            need_m: f64::from(x * x + z * z),
            age_secs: 0.0,
            run_ms: None,
            discards: 0,
            bytes: 0,
            entities: 0,
        },
        order: None,
    }
}

/// A focus in the middle of cell (0, 0), which is loaded; the cell to the north is running.
fn stage() -> Stage {
    let focus = FocusView {
        at: DVec2::new(100.0, 100.0),
        ahead: DVec2::new(150.0, 100.0),
        heading: DVec2::X,
        speed_mps: 25.0,
        facing: DVec2::X,
        purpose: FocusPurpose::See,
    };
    Stage {
        data: MapData {
            t_secs: 3.0,
            chunk_size_m: 200.0,
            cells: vec![
                cell(0, 0, CellStage::Idle, Some(0)),
                cell(0, -1, CellStage::Running, None),
                cell(1, 0, CellStage::Idle, Some(2)),
            ],
            foci: vec![focus],
            radii: MapRadii {
                must_have_m: 150.0,
                load_m: 400.0,
                unload_m: 500.0,
                view_m: 900.0,
                reach_m: None,
            },
            half_view_angle_rad: 0.6,
            ..MapData::default()
        },
        state: MapState::default(),
        mode: ControlMode::Tune,
        intents: Vec::new(),
    }
}

fn harness(stage: Stage) -> Harness<'static, Stage> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(SIDE + 20.0, 520.0))
        .build_ui_state(
            |ui, stage: &mut Stage| {
                style::apply(ui.ctx());
                let asked = map(
                    ui,
                    &stage.data,
                    &mut stage.state,
                    stage.mode,
                    egui::Vec2::splat(SIDE),
                );
                stage.intents.extend(asked);
            },
            stage,
        );
    harness.run();
    harness
}

/// Where the middle of the map is: below the head.
fn middle(harness: &Harness<'static, Stage>) -> egui::Pos2 {
    let head = harness.get_by_label("state").rect();
    egui::pos2(head.left() + SIDE / 2.0, head.bottom() + 2.0 + SIDE / 2.0)
}

fn click_at(harness: &mut Harness<'static, Stage>, at: egui::Pos2) {
    harness.hover_at(at);
    harness.run();
    harness.drag_at(at);
    harness.run();
    harness.drop_at(at);
    harness.run();
}

#[test]
fn a_click_picks_the_cell_under_it_and_a_second_one_lets_it_go() {
    let mut harness = harness(stage());
    let at = middle(&harness);
    // 200 m are a fifth of the map's half side of 575 m: one cell to the north.
    let north = at - egui::vec2(0.0, SIDE / 2.0 * 200.0 / 575.0);
    click_at(&mut harness, north);
    assert_eq!(harness.state().state.picked, Some(ChunkCoord::new(0, -1)));
    harness.get_by_label("chunk (0, -1)");
    harness.get_by_label("close").click();
    harness.run();
    assert_eq!(harness.state().state.picked, None);
}

#[test]
fn the_life_of_the_picked_cell_says_why_it_is_not_here_and_every_step() {
    let mut stage = stage();
    let picked = ChunkCoord::new(0, -1);
    stage.state.picked = Some(picked);
    stage.data.life = Some(Life {
        coord: picked,
        cell: Some(stage.data.cells[1].clone()),
        why: "chunk (0, -1): nothing of it is seen; level 0 is under way as request #42".to_owned(),
        steps: vec![LifeEvent {
            t_secs: 2.5,
            coord: picked,
            step: LifeStep::Started,
            ticket: Some(GenerationId(42)),
            detail: Some(DetailLevel::FULL),
            thread: ThreadName::new("ChunkGen (1)"),
        }],
    });
    let mut harness = harness(stage);
    harness.get_by_label_contains("level 0 is under way as request #42");
    harness.get_by_label_contains("nothing seen; running #42");
    harness.get_by_label_contains("2.500 s started   #42 level 0 on ChunkGen (1)");
    harness.get_by_label("go there").click();
    harness.run();
    assert_eq!(harness.state().intents, [MapIntent::GoTo(picked)]);
}

#[test]
fn painting_asks_for_nothing_and_the_modes_switch_by_their_words() {
    let mut harness = harness(stage());
    harness.run_steps(3);
    assert_eq!(harness.state().state, MapState::default());
    assert_eq!(harness.state().intents, []);
    harness.get_by_label("age").click();
    harness.run();
    assert_eq!(harness.state().state.mode, MapMode::Age);
}

#[test]
fn the_legend_counts_what_is_on_the_map_and_leaves_out_what_is_not() {
    let harness = harness(stage());
    harness.get_by_label("■ full 1");
    harness.get_by_label("1 coarse 1");
    harness.get_by_label("g running 1");
    assert_eq!(harness.query_all_by_label_contains("queued").count(), 0);
}

#[test]
fn zoom_stays_between_two_cells_and_the_view_radius() {
    let mut harness = harness(stage());
    for _ in 0..20 {
        harness.get_by_label("−").click();
        harness.run();
    }
    assert_eq!(harness.state().state.span_m, Some(1.2 * 900.0));
    for _ in 0..20 {
        harness.get_by_label("+").click();
        harness.run();
    }
    assert_eq!(harness.state().state.span_m, Some(400.0));
}

#[test]
fn nothing_is_wider_than_the_map() {
    let mut stage = stage();
    stage.mode = ControlMode::Drive;
    let harness = harness(stage);
    let left = harness.get_by_label("state").rect().left();
    for node in harness.root().children_recursive() {
        if let Some(bounds) = node.accesskit_node().bounding_box() {
            assert!(bounds.x1 <= f64::from(left + SIDE) + 8.0, "{bounds:?}");
        }
    }
}

#[test]
fn waiting_cells_are_numbered_by_need_and_others_are_not() {
    let views = vec![
        cell(3, 0, CellStage::Queued, None).view,
        cell(1, 0, CellStage::Missing, None).view,
        cell(0, 0, CellStage::Running, None).view,
    ];
    let orders: Vec<_> = in_order(views).iter().map(|cell| cell.order).collect();
    assert_eq!(orders, [Some(2), Some(1), None]);
}

#[test]
fn a_hole_ahead_is_told_with_its_time_and_place() {
    let mut stage = stage();
    stage.data.outlook = Outlook {
        hole_in_secs: Some(4.25),
        hole_at: Some(ChunkCoord::new(2, 0)),
        ..Outlook::default()
    };
    let harness = harness(stage);
    harness.get_by_label_contains("hole near in 4.2 s at (2, 0) X");
}

#[test]
fn what_is_drawn_into_the_world_is_switched_apart() {
    let mut harness = harness(stage());
    harness.get_by_label("rings").click();
    harness.run();
    let marks = WorldMarks {
        rings: false,
        ..WorldMarks::default()
    };
    assert_eq!(harness.state().intents, [MapIntent::Marks(marks)]);
}

#[test]
fn the_slowest_chunks_are_listed_and_one_click_shows_their_life() {
    let mut stage = stage();
    stage.data.cells[0].view.run_ms = Some(9.0);
    stage.data.cells[2].view.run_ms = Some(50.0);
    stage.state.mode = MapMode::RunTime;
    let mut harness = harness(stage);
    harness.get_by_label("(1, 0) 50.0 ms").click();
    harness.run();
    assert_eq!(harness.state().state.picked, Some(ChunkCoord::new(1, 0)));
}

#[test]
fn the_past_says_what_is_not_on_record_and_shows_no_number_of_now() {
    let mut stage = stage();
    stage.data.is_past = true;
    stage.data.on_record_since_secs = Some(120.0);
    stage.data.life = Some(Life {
        coord: ChunkCoord::new(0, 0),
        cell: stage.data.cells.first().cloned(),
        ..Life::default()
    });
    stage.state.picked = Some(ChunkCoord::new(0, 0));
    stage.state.mode = MapMode::Bytes;
    let mut harness = harness(stage);
    harness.get_by_label("not all on record before 120.0 s");
    harness.get_by_label_contains("of then is not on record");
    assert_eq!(harness.query_all_by_label_contains("entities").count(), 0);
    harness.get_by_label("○ must have");
    harness.state_mut().data.t_secs = 121.0;
    harness.run();
    assert_eq!(
        harness
            .query_all_by_label_contains("not all on record")
            .count(),
        0
    );
}

/// Every cell of a view, in all states.
fn crowded() -> Stage {
    let mut stage = stage();
    let stages = STATES.map(|(stage, ..)| stage);
    stage.data.cells = (-3..3)
        .flat_map(|x| (-3..3).map(move |z| (x, z)))
        .enumerate()
        .map(|(index, (x, z))| {
            let mut cell = cell(
                x,
                z,
                stages[index % stages.len()],
                (index % 3).checked_sub(1).map(|level| level as u8),
            );
            cell.view.run_ms = Some(8_888.8);
            cell.view.age_secs = 88.8;
            cell.view.bytes = 888_888;
            cell.view.discards = 88;
            cell
        })
        .collect();
    stage.data.radii.reach_m = Some(800.0);
    stage.data.outlook = Outlook {
        hole_in_secs: Some(28.8),
        hole_at: Some(ChunkCoord::new(-8_888, -8_888)),
        rate_per_sec: Some(888.8),
        need_per_sec: Some(888.8),
        speed_mps: Some(288.8),
        ..Outlook::default()
    };
    stage
}

#[test]
fn everything_has_room_in_every_picture_at_every_scale() {
    let mut found = Vec::new();
    for size in fit::screens() {
        for is_past in [false, true] {
            for mode in MapMode::ALL {
                for picked in [None, Some(ChunkCoord::new(-1, -1))] {
                    let mut stage = crowded();
                    stage.state.mode = mode;
                    stage.state.picked = picked;
                    stage.data.is_past = is_past;
                    stage.data.on_record_since_secs = Some(88.8);
                    stage.data.life = picked.map(life_of);
                    let mut whole = None;
                    let mut texts = fit::painted(size, |ctx| {
                        screen::paint(ctx, &stage.data, &mut stage.state, stage.mode);
                        whole = ctx.memory(|memory| memory.area_rect("chunk map"));
                    });
                    // The pointer over a step tells all of it.
                    for text in &mut texts {
                        text.is_elided &= !text.text.contains("attempt 3 #88888");
                    }
                    let what = format!("past {is_past} {mode:?} picked {picked:?} {size}");
                    // Texts are clipped by the screen; the ground that they stand on is not.
                    let picture = egui::Rect::from_min_size(egui::Pos2::ZERO, size);
                    if whole.is_none_or(|whole| !picture.expand(0.5).contains_rect(whole)) {
                        found.push(format!("{what}: {whole:?} leaves the screen"));
                    }
                    let closes = texts.iter().any(|text| text.text == "close");
                    if closes != picked.is_some() {
                        found.push(format!("{what}: nobody can close it"));
                    }
                    // The panel takes so much at the left.
                    let left = texts.iter().map(|text| text.place.left());
                    let left = left.fold(f32::INFINITY, f32::min);
                    if left < 385.0 {
                        found.push(format!("{what}: over the panel at {left}"));
                    }
                    let faults = fit::faults(&texts, size).into_iter();
                    found.extend(faults.map(|fault| format!("{what}: {fault}")));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn life_of(coord: ChunkCoord) -> Life {
    let step = |t_secs, step| LifeEvent {
        t_secs,
        coord,
        step,
        ticket: Some(GenerationId(88_888)),
        detail: Some(DetailLevel(1)),
        thread: ThreadName::new("ChunkGen (12)"),
    };
    Life {
        coord,
        cell: None,
        why: "chunk (-1, -1): nothing of it is seen; it is wanted at full detail, waiting for a worker with 188 others (requested 8.8 s ago)".to_owned(),
        steps: (0..20)
            .map(|index| step(f64::from(index), LifeStep::Failed { attempt: 3 }))
            .collect(),
    }
}
