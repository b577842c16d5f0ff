//! The map driven as a person would, without Bevy.

use std::time::Duration;

use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};

use super::*;
use crate::streaming::GenerationId;

struct Stage {
    data: MapData,
    state: MapState,
    mode: ControlMode,
}

const SIDE: f32 = 300.0;

fn cell(x: i32, z: i32, stage: CellStage, shown: Option<u8>) -> ChunkCell {
    ChunkCell {
        coord: ChunkCoord::new(x, z),
        stage,
        shown: shown.map(DetailLevel),
        ticket: (stage == CellStage::Running).then_some(GenerationId(42)),
        on_thread: (stage == CellStage::Running)
            .then(|| ("ChunkGen (1)".to_owned(), Duration::from_millis(12))),
        ..ChunkCell::default()
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
        kind: FocusKind::See,
    };
    Stage {
        data: MapData {
            t_secs: 3.0,
            chunk_size_m: 200.0,
            cells: vec![
                cell(0, 0, CellStage::Settled, Some(0)),
                cell(0, -1, CellStage::Running, None),
                cell(1, 0, CellStage::Settled, Some(2)),
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
    }
}

fn harness(stage: Stage) -> Harness<'static, Stage> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(SIDE + 20.0, 520.0))
        .build_ui_state(
            |ui, stage: &mut Stage| {
                style::apply(ui.ctx());
                map(ui, &stage.data, &mut stage.state, stage.mode, SIDE);
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
        steps: vec![LifeStep {
            t_secs: 2.5,
            text: "requested as #42, level 0".to_owned(),
        }],
    });
    let harness = harness(stage);
    harness.get_by_label_contains("level 0 is under way as request #42");
    harness.get_by_label_contains("running as #42 on ChunkGen (1) for 12.0 ms");
    harness.get_by_label_contains("2.50 s requested as #42, level 0");
}

#[test]
fn painting_changes_nothing_and_the_modes_switch_by_their_words() {
    let mut harness = harness(stage());
    harness.run_steps(3);
    assert_eq!(harness.state().state, MapState::default());
    harness.get_by_label("age").click();
    harness.run();
    assert_eq!(harness.state().state.mode, MapMode::Age);
}

#[test]
fn the_legend_counts_what_is_on_the_map_and_leaves_out_what_is_not() {
    let harness = harness(stage());
    harness.get_by_label("■ full 1");
    harness.get_by_label("1 coarse 1");
    harness.get_by_label("> running 1");
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
