//! The light of street lamps on what stands and lies around them, reckoned once for each vertex.

use bevy::math::{Vec2, Vec3};

use super::super::plan::ChunkPlan;
use super::super::plan::furniture::Lamp;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;
use super::vertex::snorm;

/// Height of a lamp's head above its foot, and how far over the road it reaches, metres.
const HEAD_M: f32 = 6.3;
const ARM_M: f32 = 1.4;
/// No light falls farther than this, metres.
const REACH_M: f32 = 20.0;
/// Faces that look up more than this, packed, are lit evenly.
const LEVEL: i8 = 88;
/// Light where lamps are not looked at one by one, what theirs comes to in the mean: on streets and their pavements, and
/// on the banks of a river beside them.
pub(super) const ON_STREETS: f32 = 0.3;
pub(super) const ON_BANKS: f32 = 0.08;
/// And on the walls of the skyline, with what all their windows add that are too small to be drawn one by one.
pub(super) const ON_FAR_WALLS: f32 = 0.12;
/// Side of the cells in which lamps are looked up, metres.
const CELL_M: f32 = 10.0;
/// Corners of things that face one way and are within so many metres of each other are lit alike.
const ALIKE_M: f32 = 2.5;

/// The lamps that reach into one chunk, listed by cells.
pub(super) struct Lamplight {
    columns: usize,
    /// For each cell the start of its lamps in `heads`, and one end: compressed rows.
    starts: Vec<u32>,
    heads: Vec<Vec3>,
    /// The height of the highest of all.
    top_m: f32,
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

    fn new(all: Vec<Vec3>, size_m: f32) -> Self {
        let columns = (size_m / CELL_M) as usize + 1;
        // The cells that a lamp may reach: its own is the one with the number 0.
        let around = (REACH_M / CELL_M) as i32;
        let mut cells = vec![Vec::new(); columns * columns];
        for head in &all {
            let at = Vec2::new(head.x, head.z);
            let own = (at / CELL_M).floor();
            for (dx, dz) in
                (-around..=around).flat_map(|dx| (-around..=around).map(move |dz| (dx, dz)))
            {
                let (column, row) = (own.x as i32 + dx, own.y as i32 + dz);
                let low = Vec2::new(column as f32, row as f32) * CELL_M;
                let is_near = at.clamp(low, low + CELL_M).distance_squared(at) < REACH_M * REACH_M;
                let range = 0..columns as i32;
                if is_near && range.contains(&column) && range.contains(&row) {
                    cells[row as usize * columns + column as usize].push(*head);
                }
            }
        }
        let mut starts = Vec::with_capacity(cells.len() + 1);
        let mut heads = Vec::with_capacity(cells.iter().map(Vec::len).sum());
        for cell in cells {
            starts.push(heads.len() as u32);
            heads.extend(cell);
        }
        starts.push(heads.len() as u32);
        Self {
            columns,
            starts,
            heads,
            top_m: all.iter().fold(f32::MIN, |top, head| top.max(head.y)),
        }
    }

    /// Lights the mesh. Up to the number of `things` all vertices are ground, whose corners neighbours share: each is lit
    /// by itself.
    pub(super) fn fall_on(&self, mesh: &mut MeshBuilder, things: usize) {
        mesh.light_from(0, |places, normals| {
            let (ground, rest) = places.split_at(things.min(places.len()));
            let (of_ground, of_rest) = normals.split_at_mut(ground.len());
            for (place, normal) in ground.iter().zip(of_ground) {
                normal[3] = self.packed_at(Vec3::from_array(*place), *normal);
            }
            self.fall_on_things(rest, of_rest);
        });
    }

    /// Neighbouring corners of small faces share what falls on their middle.
    fn fall_on_things(&self, places: &[[f32; 3]], normals: &mut [[i8; 4]]) {
        let mut first = 0;
        while first < places.len() {
            let ([x, y, z], normal) = (places[first], normals[first]);
            if y > self.top_m {
                first += 1;
                continue;
            }
            let mut end = first + 1;
            while end < places.len() && normals[end] == normal {
                let [next_x, next_y, next_z] = places[end];
                let is_near = (next_x - x).abs() < ALIKE_M
                    && (next_y - y).abs() < ALIKE_M
                    && (next_z - z).abs() < ALIKE_M;
                if !is_near {
                    break;
                }
                end += 1;
            }
            // Of a quadrilateral that is the opposite corner.
            let across = Vec3::from_array(places[(first + end) / 2]);
            let light = self.packed_at((Vec3::new(x, y, z) + across) * 0.5, normal);
            for normal in &mut normals[first..end] {
                normal[3] = light;
            }
            first = end;
        }
    }

    #[inline]
    fn packed_at(&self, place: Vec3, [x, y, z, _]: [i8; 4]) -> i8 {
        if place.y > self.top_m {
            return 0;
        }
        let normal = Vec3::new(f32::from(x), f32::from(y), f32::from(z)) * (1.0 / 127.0);
        snorm(self.at(place, normal).min(1.0))
    }

    #[inline]
    fn at(&self, place: Vec3, normal: Vec3) -> f32 {
        // What reaches over the border of the chunk is lit as at the border.
        let (column, row) = (
            (place.x * (1.0 / CELL_M)) as u32,
            (place.z * (1.0 / CELL_M)) as u32,
        );
        let most = self.columns as u32 - 1;
        let number = (row.min(most) * self.columns as u32 + column.min(most)) as usize;
        let (from, to) = (self.starts[number], self.starts[number + 1]);
        let mut sum = 0.0;
        // Without a branch: whether a lamp is near enough and before the face is anyone's guess.
        for head in &self.heads[from as usize..to as usize] {
            let way = *head - place;
            let length_squared = way.length_squared();
            let share = (1.0 - length_squared * (1.0 / (REACH_M * REACH_M))).max(0.0);
            let light = share * share * normal.dot(way).max(0.0) / length_squared.sqrt();
            // It shines down only.
            sum += if way.y >= 0.0 { light } else { 0.0 };
        }
        sum
    }
}

/// Lights all that lies flat from a vertex on evenly: where the lamps are too small to be seen.
pub(super) fn lie_evenly(mesh: &mut MeshBuilder, first: usize, light: f32) {
    mesh.light_from(first, |_, normals| {
        for normal in normals {
            if normal[1] > LEVEL {
                normal[3] = (light * 127.0) as i8;
            }
        }
    });
}

/// Lights all walls from a vertex on evenly.
pub(super) fn lie_on_walls(mesh: &mut MeshBuilder, first: usize, light: f32) {
    mesh.light_from(first, |_, normals| {
        for normal in normals {
            if normal[1].abs() <= LEVEL {
                normal[3] = (light * 127.0) as i8;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_faces_are_lit_alike_and_about_as_their_corners_would_be() {
        let light = Lamplight::new(vec![Vec3::new(50.0, 6.3, 50.0)], 200.0);
        for side_m in [0.5, 6.0] {
            let places: Vec<[f32; 3]> = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
                .map(|(x, z)| [53.0 + x * side_m, 1.0, 49.0 + z * side_m])
                .to_vec();
            let mut normals = vec![[0, 127, 0, 0]; 4];
            light.fall_on_things(&places, &mut normals);
            let differ = normals.iter().any(|normal| *normal != normals[0]);
            assert_eq!(differ, side_m > ALIKE_M);
            for (place, normal) in places.iter().zip(&normals) {
                let exact = light.at(Vec3::from_array(*place), Vec3::Y);
                assert!((f32::from(normal[3]) / 127.0 - exact).abs() < 0.04);
            }
        }
    }

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
        let uphill = vec![Vec3::new(50.0, 6.3, 50.0), Vec3::new(150.0, 26.3, 50.0)];
        let light = Lamplight::new(uphill, 200.0);
        for normal in [Vec3::Y, Vec3::NEG_Y, Vec3::X] {
            assert!(light.at(Vec3::new(49.0, 9.0, 50.0), normal) == 0.0);
        }
        assert!(light.packed_at(Vec3::new(50.0, 30.0, 50.0), [0, 127, 0, 0]) == 0);
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
