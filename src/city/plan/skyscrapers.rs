//! The towers that everybody knows by name: no two of the same kind side by side, each on a square of its own.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    CLADDING, CONCRETE, CURTAIN_GLASS, METAL, SANDSTONE, STEEL, TRIM, VERDIGRIS, srgb,
};
use super::super::hash::Dice;
use super::buildings::{
    Building, Detail, DetailKind, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Outline,
    Roof,
};
use super::landmarks::sized;

const STREET: [Face; 4] = [Face::Street; 4];
/// The widest tower, metres.
const WIDEST_M: f32 = 38.0;

/// Designs a tower for a square.
pub(super) fn design(square: &Area, dice: &mut Dice) -> Building {
    let width = (square.shorter() - 9.0).min(WIDEST_M);
    let foot = Area::around(square.center(), width, width);
    let front = Side::South;
    match dice.whole(0, 5) {
        0 => stepped_with_spire(front, &foot, dice),
        1 => round(front, &foot, dice),
        2 => twisted(front, &foot, dice),
        3 => obelisk(front, &foot, dice),
        4 => twins(front, square, dice),
        _ => needle(front, &foot, dice),
    }
}

fn look(facade: Facade, wall: super::super::colour::Rgb, dice: &mut Dice) -> Look {
    Look {
        facade,
        ground: GroundFloor::Lobby,
        life: Life::Offices,
        ornament: Ornament::Plain,
        wall: wall * dice.between(0.92, 1.06),
        trim: wall * 0.8,
        glass: dice.pick(&CURTAIN_GLASS) * dice.between(0.9, 1.12),
        roof: dice.pick(&[CONCRETE[2], STEEL[1], VERDIGRIS]),
        accent: dice.pick(&[
            srgb(0xF2C14E),
            srgb(0x6FC3DF),
            srgb(0xE8E4D0),
            srgb(0xC94F4F),
        ]),
        floor_m: dice.between(3.7, 4.1),
        ground_floor_m: dice.between(6.5, 8.0),
        bay_m: dice.between(2.6, 3.4),
        cornice_m: 0.0,
    }
}

fn part(
    kind: DetailKind,
    area: Area,
    heights: (f32, f32),
    colour: super::super::colour::Rgb,
) -> Detail {
    Detail {
        area,
        base_m: heights.0,
        top_m: heights.1,
        colour,
        kind,
    }
}

fn stepped_with_spire(front: Side, foot: &Area, dice: &mut Dice) -> Building {
    let height_m = dice.between(165.0, 215.0);
    let mut look = look(Facade::Vertical, dice.pick(&SANDSTONE), dice);
    look.glass *= 0.7;
    look.roof = dice.pick(&[VERDIGRIS, STEEL[3]]);
    let tiers = [
        (1.0, 0.16),
        (0.8, 0.44),
        (0.62, 0.78),
        (0.42, 0.92),
        (0.26, 1.0),
    ];
    let masses = tiers_of(foot, height_m, &tiers, Outline::Rectangle);
    let mut building = Building::new(front, masses, look);
    let size = foot.shorter() * 0.22;
    let cap = Area::around(foot.center(), size, size);
    let spire_m = height_m + size * 1.6;
    let colour = building.look.roof;
    building.details = vec![
        part(DetailKind::Pyramid, cap, (height_m - 0.7, spire_m), colour),
        part(
            DetailKind::Mast,
            Area::around(foot.center(), 1.1, 1.1),
            (spire_m - 2.0, spire_m + dice.between(22.0, 36.0)),
            METAL,
        ),
        part(
            DetailKind::Crown,
            Area::around(
                foot.center(),
                foot.size_x() * 0.42 + 0.5,
                foot.size_z() * 0.42 + 0.5,
            ),
            (height_m * 0.92 - 2.6, height_m * 0.92 - 1.0),
            building.look.accent,
        ),
    ];
    building
}

fn tiers_of(foot: &Area, height_m: f32, tiers: &[(f32, f32)], outline: Outline) -> Vec<Mass> {
    let mut masses: Vec<Mass> = Vec::with_capacity(tiers.len());
    for (share, up_to) in tiers {
        let area = Area::around(foot.center(), foot.size_x() * share, foot.size_z() * share);
        let mass = match masses.last() {
            None => Mass::at_ground(area, height_m * up_to, STREET, Roof::Flat),
            Some(below) => below.on_top(area, height_m * up_to - below.top_m, STREET),
        };
        masses.push(mass.outlined(outline));
    }
    masses
}

fn round(front: Side, foot: &Area, dice: &mut Dice) -> Building {
    let height_m = dice.between(120.0, 175.0);
    let wall = dice.pick(&[CLADDING[0], STEEL[3], TRIM[3]]);
    let look = look(Facade::Bands, wall, dice);
    let tiers = [(1.0, 0.9), (0.72, 1.0)];
    let masses = tiers_of(foot, height_m, &tiers, Outline::Round);
    let mut building = Building::new(front, masses, look);
    let size = foot.shorter() * 0.5;
    let head = Area::around(foot.center(), size, size);
    let (accent, colour) = (building.look.accent, building.look.wall);
    building.details = vec![
        part(
            DetailKind::Drum,
            head,
            (height_m - 0.8, height_m + 5.0),
            colour,
        ),
        part(
            DetailKind::Dome,
            head,
            (height_m + 5.0, height_m + 5.0 + size * 0.3),
            accent * 0.8,
        ),
        part(
            DetailKind::Mast,
            Area::around(foot.center(), 0.9, 0.9),
            (height_m + 5.0 + size * 0.28, height_m + size * 0.28 + 30.0),
            METAL,
        ),
    ];
    building
}

fn twisted(front: Side, foot: &Area, dice: &mut Dice) -> Building {
    let height_m = dice.between(150.0, 210.0);
    let look = look(Facade::Curtain, dice.pick(&CLADDING), dice);
    let podium = Mass::at_ground(*foot, 9.0, STREET, Roof::Flat);
    let steps = dice.whole(16, 28);
    let tower = podium
        .on_top(foot.inset(0.8), height_m - 9.0, STREET)
        .outlined(Outline::Twisted(steps));
    let mut building = Building::new(front, vec![podium, tower], look);
    let size = foot.shorter() * 0.4;
    let head = Area::around(foot.center(), size, size);
    let (accent, wall) = (building.look.accent, building.look.wall);
    building.details = vec![
        part(
            DetailKind::Drum,
            head,
            (height_m - 0.8, height_m + 3.0),
            wall,
        ),
        part(
            DetailKind::Crown,
            head.inset(1.2),
            (height_m + 3.0, height_m + 6.0),
            accent,
        ),
    ];
    building
}

fn obelisk(front: Side, foot: &Area, dice: &mut Dice) -> Building {
    let height_m = dice.between(135.0, 185.0);
    let wall = dice.pick(&[STEEL[1], CLADDING[1], SANDSTONE[2]]);
    let look = look(Facade::Vertical, wall, dice);
    let tiers = [(1.0, 0.1), (0.86, 0.86), (0.74, 1.0)];
    let corner = Outline::Chamfered(foot.shorter() * 0.17);
    let masses = tiers_of(foot, height_m, &tiers, corner);
    let mut building = Building::new(front, masses, look);
    let size = foot.shorter() * 0.6;
    let cap = Area::around(foot.center(), size, size);
    let tip_m = height_m + size * dice.between(1.0, 1.5);
    let colour = building.look.roof;
    building.details = vec![
        part(DetailKind::Pyramid, cap, (height_m - 0.8, tip_m), colour),
        part(
            DetailKind::Mast,
            Area::around(foot.center(), 0.8, 0.8),
            (tip_m - 1.5, tip_m + 12.0),
            METAL,
        ),
    ];
    building
}

/// Two slabs with a bridge between them.
fn twins(front: Side, square: &Area, dice: &mut Dice) -> Building {
    let axis = if square.size_x() >= square.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let height_m = dice.between(125.0, 180.0);
    let look = look(Facade::Curtain, dice.pick(&STEEL), dice);
    let free = square.inset(4.5);
    let length = free.size(axis).min(52.0);
    let whole = sized(axis, free.center(), length, free.shorter().min(28.0));
    let side = length * 0.36;
    let podium = Mass::at_ground(whole, 8.0, STREET, Roof::Flat);
    let low = podium.on_top(whole.span(axis, 0.8, side), height_m - 8.0, STREET);
    let high = podium.on_top(
        whole.span(axis, length - side, length - 0.8),
        height_m * dice.between(0.88, 1.1) - 8.0,
        STREET,
    );
    let depth = whole.shorter();
    let across = match axis {
        Axis::X => whole.strip(Side::North, depth * 0.35, depth * 0.65),
        Axis::Z => whole.strip(Side::West, depth * 0.35, depth * 0.65),
    };
    let deck_m = height_m * dice.between(0.5, 0.66);
    let mut bridge = podium.on_top(
        across.span(axis, side + 0.16, length - side - 0.16),
        1.0,
        STREET,
    );
    (bridge.base_m, bridge.top_m) = (deck_m, deck_m + 8.0);
    let mut building = Building::new(front, vec![podium, low, high, bridge], look);
    for number in [1, 2] {
        let top = &building.masses[number];
        let (area, top_m) = (top.area.inset(2.0), top.top_m);
        let accent = building.look.accent;
        building.details.push(part(
            DetailKind::Crown,
            area,
            (top_m - 0.8, top_m + 3.2),
            accent,
        ));
        let foot = Area::around(area.center(), 0.8, 0.8);
        building.details.push(part(
            DetailKind::Mast,
            foot,
            (top_m + 3.2, top_m + 24.0),
            METAL,
        ));
    }
    building
}

/// A slender tower that narrows in many small steps.
fn needle(front: Side, foot: &Area, dice: &mut Dice) -> Building {
    let height_m = dice.between(160.0, 225.0);
    let look = look(Facade::Vertical, dice.pick(&CLADDING), dice);
    let tiers = [
        (1.0, 0.12),
        (0.84, 0.3),
        (0.7, 0.5),
        (0.56, 0.68),
        (0.43, 0.83),
        (0.3, 0.94),
        (0.2, 1.0),
    ];
    let masses = tiers_of(foot, height_m, &tiers, Outline::Rectangle);
    let mut building = Building::new(front, masses, look);
    let size = foot.shorter() * 0.16;
    let cap = Area::around(foot.center(), size, size);
    let accent = building.look.accent;
    building.details = vec![
        part(
            DetailKind::Crown,
            cap,
            (height_m - 0.8, height_m + 4.0),
            accent,
        ),
        part(
            DetailKind::Pyramid,
            cap,
            (height_m + 4.0, height_m + 22.0),
            METAL,
        ),
    ];
    building
}
