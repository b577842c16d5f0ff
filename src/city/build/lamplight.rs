//! The light of street lamps on what stands and lies around them, reckoned once for each vertex.

use bevy::math::{Vec2, Vec3};

use super::super::plan::ChunkPlan;
use super::super::plan::furniture::Lamp;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;

/// Height of a lamp's head above its foot, and how far over the road it reaches, metres.
const HEAD_M: f32 = 6.3;
const ARM_M: f32 = 1.4;
/// No light falls farther than this, metres.
const REACH_M: f32 = 20.0;
/// Light on streets whose lamps are not looked at one by one: what theirs comes to in the mean.
const EVEN: f32 = 0.3;

/// The lamps that reach into one chunk, in a grid of cells as wide as the light reaches.
pub(super) struct Lamplight {
    heads: Vec<Vec3>,
    columns: usize,
    /// The lamps that reach into each cell, and how high the highest of them is.
    cells: Vec<(Vec<u32>, f32)>,
}

impl Lamplight {
    /// All lamps that shine into the chunk, wherever they stand.
    pub(super) fn of(plan: &ChunkPlan) -> Self {
        let survey = &plan.frame.survey;
        let lamps = plan.furniture().flat_map(|things| &things.lamps);
        let head_of = |lamp: &Lamp| {
            let (foot, height_m) = survey.lift(lamp.at);
            let arm = lamp.road.outward() * ARM_M;
            Vec3::new(
                foot.x + arm.x,
                height_m + KERB_HEIGHT_M + HEAD_M,
                foot.y + arm.y,
            )
        };
        Self::new(lamps.map(head_of).collect(), plan.frame.size_m)
    }

    fn new(heads: Vec<Vec3>, size_m: f32) -> Self {
        let columns = (size_m / REACH_M) as usize + 1;
        let mut cells = vec![(Vec::new(), f32::MIN); columns * columns];
        for (number, head) in heads.iter().enumerate() {
            let cell = (Vec2::new(head.x, head.z) / REACH_M).floor();
            for (dx, dz) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dz| (dx, dz))) {
                let (column, row) = (cell.x as i32 + dx, cell.y as i32 + dz);
                let range = 0..columns as i32;
                if range.contains(&column) && range.contains(&row) {
                    let (lamps, top_m) = &mut cells[row as usize * columns + column as usize];
                    lamps.push(number as u32);
                    *top_m = top_m.max(head.y);
                }
            }
        }
        Self {
            heads,
            columns,
            cells,
        }
    }

    /// Lights every vertex of the mesh.
    pub(super) fn fall_on(&self, mesh: &mut MeshBuilder) {
        mesh.add_lamplight(|place, normal| self.at(place, normal));
    }

    fn at(&self, place: Vec3, normal: Vec3) -> f32 {
        let most = self.columns - 1;
        // What reaches over the border of the chunk is lit as at the border.
        let cell = |along: f32| ((along / REACH_M).max(0.0) as usize).min(most);
        let (lamps, top_m) = &self.cells[cell(place.z) * self.columns + cell(place.x)];
        if place.y > *top_m {
            return 0.0;
        }
        let mut sum = 0.0;
        for lamp in lamps {
            let way = self.heads[*lamp as usize] - place;
            let share = 1.0 - way.length_squared() / (REACH_M * REACH_M);
            let facing = normal.dot(way);
            if share > 0.0 && facing > 0.0 {
                sum += share * share * facing / way.length();
            }
        }
        sum
    }
}

/// Lights all streets so far evenly: where the lamps are too small to be seen.
pub(super) fn lie_evenly(mesh: &mut MeshBuilder) {
    mesh.add_lamplight(|_, normal| if normal.y > 0.7 { EVEN } else { 0.0 });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_brightest_under_the_lamp_and_dark_beyond_its_reach_and_above_it() {
        let light = Lamplight::new(vec![Vec3::new(50.0, 6.3, 50.0)], 200.0);
        let on_the_ground = |away: f32| light.at(Vec3::new(50.0 + away, 0.0, 50.0), Vec3::Y);
        assert!(on_the_ground(0.0) > 0.7);
        for metre in 0..30 {
            let (near, far) = (metre as f32, (metre + 1) as f32);
            assert!(on_the_ground(near) >= on_the_ground(far));
            assert!(on_the_ground(-near) >= on_the_ground(-far));
        }
        assert!(on_the_ground(21.0) == 0.0 && on_the_ground(10.0) > 0.1);
        assert!(light.at(Vec3::new(50.0, 9.0, 50.0), Vec3::Y) == 0.0);
        assert!(
            light.at(Vec3::new(52.0, 2.0, 50.0), Vec3::X) == 0.0,
            "it faces away"
        );
        assert!(light.at(Vec3::new(-300.0, 2.0, 900.0), Vec3::X) == 0.0);
    }
    #[test]
    fn both_sides_of_a_border_are_lit_by_the_lamps_of_both() {
        use super::super::super::plan::Scope;
        use crate::streaming::{ChunkCoord, StopToken};
        const SIZE_M: f64 = 200.0;
        let lit_by = |seed: u64, coord: ChunkCoord| {
            let plan = ChunkPlan::new(seed, coord, SIZE_M, Scope::Everything, &StopToken::never())
                .unwrap();
            (Lamplight::of(&plan), plan)
        };
        let (mut lit, mut off, mut across) = (0, 0, 0);
        for (seed, x, z) in [
            (7, 0, 0),
            (7, -3, 1),
            (7, 0, 3),
            (7, 1, 3),
            (3, 5, -4),
            (1, -2, 2),
        ] {
            let (here, plan) = lit_by(seed, ChunkCoord::new(x, z));
            for (dx, dz) in [(1, 0), (0, 1)] {
                let (there, _) = lit_by(seed, ChunkCoord::new(x + dx, z + dz));
                let shift = Vec3::new(dx as f32, 0.0, dz as f32) * SIZE_M as f32;
                for step in 0..200 {
                    let along = step as f32 + 0.5;
                    let at = Vec2::new(
                        if dx == 1 { SIZE_M as f32 } else { along },
                        if dz == 1 { SIZE_M as f32 } else { along },
                    );
                    let survey = &plan.frame.survey;
                    let place = Vec3::new(at.x, survey.height_at(survey.plan_of(at)), at.y);
                    let (a, b) = (here.at(place, Vec3::Y), there.at(place - shift, Vec3::Y));
                    lit += usize::from(a.max(b) > 0.05);
                    off += usize::from((a - b).abs() > 0.02);
                    // Lit by lamps of both sides: what one chunk alone does not know.
                    across += usize::from(a > 0.05 && b > 0.05);
                }
            }
        }
        assert!(
            lit > 400 && across > 400,
            "{lit} of 2,400 places are lit, {across} from both"
        );
        assert!(off * 200 < lit, "{off} of {lit} places are lit differently");
    }
}
