//! The look at every cell says what the counts say.

use bevy::ecs::system::RunSystemOnce;

use super::generators::Blocks;
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

fn all(trial: &mut Trial) -> Vec<ChunkCell> {
    let look = |cells: ChunkCells| cells.all();
    trial.app.world_mut().run_system_once(look).unwrap()
}

fn count(cells: &[ChunkCell], stage: CellStage) -> u64 {
    cells.iter().filter(|cell| cell.stage == stage).count() as u64
}

#[test]
fn cells_are_counted_alike_by_the_look_and_by_the_gauges() {
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(Blocks).with_clock(virtual_clock()),
        StreamingValues {
            max_completed_per_frame: 1,
            ..small_world()
        },
    );
    let mut seen_at_once = 0;
    for _ in 0..40 {
        trial.step();
        let cells = all(&mut trial);
        let gauges = trial.metrics().gauges.clone();
        assert_eq!(count(&cells, CellStage::Queued), gauges.queued);
        assert_eq!(count(&cells, CellStage::Running), gauges.active_tasks);
        assert_eq!(count(&cells, CellStage::Ready), gauges.completed_results);
        assert_eq!(count(&cells, CellStage::Applying), gauges.applying);
        let loaded = cells.iter().filter(|cell| cell.shown.is_some()).count();
        assert_eq!(loaded as u64, gauges.loaded);
        let bytes: u64 = cells.iter().map(|cell| cell.bytes).sum();
        assert_eq!(bytes, gauges.loaded_bytes);
        let mut orders: Vec<u32> = cells.iter().filter_map(|cell| cell.order).collect();
        orders.sort_unstable();
        assert!(orders.iter().copied().eq(1..=orders.len() as u32));
        let is_busy = |cell: &&ChunkCell| cell.stage == CellStage::Running;
        assert!(
            cells
                .iter()
                .filter(is_busy)
                .all(|cell| cell.on_thread.is_some())
        );
        seen_at_once = seen_at_once.max(gauges.queued.min(gauges.completed_results));
    }
    assert!(seen_at_once > 0, "both a queue and results were there");
}

#[test]
fn a_world_at_rest_is_settled_everywhere() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let cells = all(&mut trial);
    assert!(!cells.is_empty());
    for cell in &cells {
        assert_eq!(cell.stage, CellStage::Settled, "{cell:?}");
        assert_eq!((cell.order, cell.lacking_for), (None, None), "{cell:?}");
        assert!(cell.bytes > 0, "{cell:?}");
    }
}
