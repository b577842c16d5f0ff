//! Superblocks that were cut lately, so that neighbouring chunks do not cut the same ones again: a small memory of each
//! thread. What is remembered is pure in the seed, the column and the row, and found by all three, so whoever asks gets the
//! same with and without it. Nothing of it depends on a chunk: places are the plan's, or metres from a block's corner.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::super::area::Area;
use super::super::hash::Dice;
use super::super::network::{BlockSite, Ground as Land, Superblock};
use super::blocks::ParkWish;
use super::districts::{self, Zone};
use super::streets::kerb_outline;
use super::volumes::FarBlock;

/// Columns and rows of superblocks that one thread remembers: a square of almost five kilometres. When everything in it
/// was asked for it takes about two megabytes, and less than seven in any case.
const SIDE: i64 = 12;

/// What the place of a block asks for.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub(super) density: f32,
    pub(super) zone: Zone,
    pub(super) park: ParkWish,
    pub(super) dice: Dice,
}

/// A superblock and its blocks.
pub(super) struct Known {
    seed: u64,
    pub(super) superblock: Superblock,
    /// In a fixed order.
    pub(super) blocks: Vec<KnownBlock>,
}

/// A block of a superblock, with what was asked for already.
pub(super) struct KnownBlock {
    pub(super) site: BlockSite,
    wishes: OnceCell<Wishes>,
    far: OnceCell<Box<FarBlock>>,
}

thread_local! {
    /// By column and row, each modulo [`SIDE`].
    static LATELY: RefCell<Vec<Option<Rc<Known>>>> =
        RefCell::new(vec![None; (SIDE * SIDE) as usize]);
}

impl Known {
    /// The superblock of a column and a row, as it is remembered or else cut now.
    pub(super) fn at(seed: u64, column: i64, row: i64) -> Rc<Self> {
        let slot = (row.rem_euclid(SIDE) * SIDE + column.rem_euclid(SIDE)) as usize;
        LATELY.with_borrow_mut(|lately| match &lately[slot] {
            Some(known) if known.is(seed, column, row) => Rc::clone(known),
            _ => {
                let known = Rc::new(Self::new(seed, column, row));
                lately[slot] = Some(Rc::clone(&known));
                known
            }
        })
    }

    fn new(seed: u64, column: i64, row: i64) -> Self {
        let superblock = Superblock::new(seed, column, row);
        let blocks = superblock.blocks().into_iter();
        let blocks = blocks.map(|site| KnownBlock {
            site,
            wishes: OnceCell::new(),
            far: OnceCell::new(),
        });
        Self {
            seed,
            blocks: blocks.collect(),
            superblock,
        }
    }

    const fn is(&self, seed: u64, column: i64, row: i64) -> bool {
        self.seed == seed && self.superblock.column == column && self.superblock.row == row
    }

    /// What the place of a block asks for.
    pub(super) fn wishes<'a>(&self, block: &'a KnownBlock) -> &'a Wishes {
        block.wishes.get_or_init(|| self.ask(&block.site))
    }

    /// What is seen of a block from kilometres away.
    pub(super) fn far<'a>(&self, block: &'a KnownBlock) -> &'a FarBlock {
        block.far.get_or_init(|| {
            let size = (block.site.area.high - block.site.area.low).as_vec2();
            let area = Area::new(0.0, 0.0, size.x, size.y);
            let streets = block.site.streets;
            let far = FarBlock::new(kerb_outline(&area, streets), streets, self.wishes(block));
            Box::new(far)
        })
    }

    fn ask(&self, block: &BlockSite) -> Wishes {
        let center = block.area.center();
        let mut dice = block.dice.clone();
        let greenness = districts::greenness_at(self.seed, center.x, center.y);
        let share = if greenness > 0.5 {
            PARKS_WHERE_GREEN
        } else {
            PARKS_ANYWHERE
        };
        let is_small_park = dice.chance(share);
        let density = districts::density_at(self.seed, center.x, center.y);
        Wishes {
            density,
            zone: districts::zone_at(self.seed, center.x, center.y, density),
            park: if self.superblock.ground == Land::Park || is_small_park {
                ParkWish::Wanted
            } else {
                ParkWish::Never
            },
            dice,
        }
    }
}

/// Of a hundred blocks so many are a small park: anywhere, and more where the city is green.
const PARKS_ANYWHERE: f32 = 0.025;
const PARKS_WHERE_GREEN: f32 = 0.08;

#[cfg(test)]
impl Known {
    /// What it takes when all has been asked for, bytes.
    fn bytes(&self) -> usize {
        let strips = self.superblock.strips.iter();
        let cuts = strips.map(|strip| size_of_val(strip) + size_of_val(&*strip.cuts));
        let blocks = self.blocks.iter();
        let far = blocks.map(|block| size_of::<KnownBlock>() + self.far(block).bytes());
        size_of::<Self>() + cuts.sum::<usize>() + far.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_remembers_a_few_megabytes_at_most() {
        let (mut sum, mut most, mut count) = (0, 0, 0);
        for seed in 1..4 {
            for (column, row) in (-16..16).flat_map(|c| (-16..16).map(move |r| (c, r))) {
                let bytes = Known::at(seed, column, row).bytes();
                (sum, most, count) = (sum + bytes, bytes.max(most), count + 1);
            }
        }
        let slots = (SIDE * SIDE) as usize;
        let (mean_kib, most_kib) = (slots * sum / count / 1024, slots * most / 1024);
        println!("a full memory: {mean_kib} KiB, and {most_kib} KiB at most");
        assert!((100..3_072).contains(&mean_kib), "{mean_kib}");
        assert!(most_kib < 7 * 1024, "{most_kib}");
    }

    #[test]
    fn what_is_remembered_is_what_is_cut_anew() {
        for (seed, column, row) in [(1, 0, 0), (1, 8, 0), (2, 0, 0), (1, 0, 0), (1, -8, 16)] {
            let (known, anew) = (Known::at(seed, column, row), Known::new(seed, column, row));
            for (one, other) in known.blocks.iter().zip(&anew.blocks) {
                assert_eq!(one.site.area, other.site.area);
                let [a, b] = [known.far(one), anew.far(other)];
                assert_eq!(format!("{a:?}"), format!("{b:?}"));
            }
            assert_eq!(known.blocks.len(), anew.blocks.len());
            assert_eq!(
                (known.superblock.column, known.superblock.row),
                (column, row)
            );
        }
    }
}
