//! Seeded choice: which episodes a soak plays.

use bevy::math::DVec2;
use ringroad::streaming::{COMPOSITES, FIELDS, FocusPurpose, StreamingRequest};

use super::plan::{Act, Episode, HOME, Step};

/// Travel stays this near to home (m): books that remember each cell ever visited stop growing.
const COUNTRY_M: f64 = 9_000.0;

/// Places that are really far away, each visited again and again.
const FAR_AWAY: [DVec2; 5] = [
    DVec2::new(100_100.0, 100.0),
    DVec2::new(-100_100.0, 99_900.0),
    DVec2::new(300.0, -1_000_100.0),
    DVec2::new(9_900_100.0, 100.0),
    DVec2::new(-9_900_100.0, -9_900_100.0),
];

/// Texts that are no legal value of any field.
const ILLEGAL: [&str; 8] = ["NaN", "-1", "inf", "soon", "", "1e99", "-0.5", "800,300,x"];

const FOCUS_NAMES: [&str; 3] = ["a", "b", "c"];

/// A frame of the virtual clock, seconds.
const FRAME_SECS: f64 = 1.0 / 60.0;

/// A stream of numbers that follows from its seed (`SplitMix64`: Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of one part of one soak.
    pub fn new(seed: u64, part: u64) -> Self {
        let mut draw = Self(seed ^ part.wrapping_mul(0xd134_2543_de82_ef95));
        draw.bits();
        draw
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` up to, not including, `high`, in steps of a hundredth: short texts in scenarios.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        ((low + self.unit() * (high - low)) * 100.0).round() / 100.0
    }

    /// The same with as many small values as large ones.
    fn log_within(&mut self, low: f64, high: f64) -> f64 {
        let value = low * (high / low).powf(self.unit());
        (value * 100.0).round() / 100.0
    }

    fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}

/// How often each kind of act comes up in an episode.
struct Mood {
    /// Mean seconds between two acts.
    gap: f64,
    drive: f64,
    fly: f64,
    teleport: f64,
    fault: f64,
    setting: f64,
    focus: f64,
    pause: f64,
    preload: f64,
    ask: f64,
}

/// Each emphasises something; the last one does everything at once.
const MOODS: [Mood; 6] = [
    Mood {
        gap: 4.0,
        drive: 8.0,
        fly: 1.0,
        teleport: 0.3,
        fault: 1.0,
        setting: 1.0,
        focus: 0.5,
        pause: 0.3,
        preload: 0.5,
        ask: 0.2,
    },
    Mood {
        gap: 3.0,
        drive: 0.5,
        fly: 8.0,
        teleport: 0.5,
        fault: 1.0,
        setting: 1.0,
        focus: 0.5,
        pause: 0.3,
        preload: 0.5,
        ask: 0.2,
    },
    Mood {
        gap: 2.0,
        drive: 1.0,
        fly: 2.0,
        teleport: 4.0,
        fault: 3.0,
        setting: 2.0,
        focus: 0.5,
        pause: 0.3,
        preload: 0.5,
        ask: 0.5,
    },
    Mood {
        gap: 1.5,
        drive: 2.0,
        fly: 2.0,
        teleport: 1.0,
        fault: 1.0,
        setting: 8.0,
        focus: 0.5,
        pause: 1.0,
        preload: 0.5,
        ask: 0.5,
    },
    Mood {
        gap: 2.0,
        drive: 2.0,
        fly: 2.0,
        teleport: 1.0,
        fault: 1.0,
        setting: 1.0,
        focus: 5.0,
        pause: 1.0,
        preload: 4.0,
        ask: 0.5,
    },
    Mood {
        gap: 1.0,
        drive: 2.0,
        fly: 2.0,
        teleport: 1.0,
        fault: 2.0,
        setting: 2.0,
        focus: 2.0,
        pause: 1.0,
        preload: 1.0,
        ask: 0.5,
    },
];

/// The episode of that number. Equal arguments give equal episodes.
pub fn episode(seed: u64, index: u64, secs: f64) -> Episode {
    let mut author = Author {
        draw: Draw::new(seed, index + 1),
        steps: Vec::new(),
        here: HOME,
    };
    let mood = &MOODS[author.draw.below(MOODS.len())];
    let mut now = 0.0;
    loop {
        now += -mood.gap * (1.0 - author.draw.unit()).ln();
        if now >= secs {
            break;
        }
        author.write(mood, (now * 100.0).round() / 100.0);
    }
    let mut steps = author.steps;
    steps.retain(|step| step.at < secs);
    steps.sort_by(|a, b| a.at.total_cmp(&b.at));
    Episode { index, secs, steps }
}

struct Author {
    draw: Draw,
    steps: Vec<Step>,
    /// About where the focus will be.
    here: DVec2,
}

impl Author {
    fn push(&mut self, at: f64, act: Act) {
        self.steps.push(Step { at, act });
    }

    fn write(&mut self, mood: &Mood, at: f64) {
        let kinds: [(f64, fn(&mut Self, f64)); 9] = [
            (mood.drive, Self::drive),
            (mood.fly, Self::fly),
            (mood.teleport, Self::teleport),
            (mood.fault, Self::fault),
            (mood.setting, Self::setting),
            (mood.focus, Self::focus),
            (mood.pause, Self::pause),
            (mood.preload, Self::preload),
            (mood.ask, Self::ask),
        ];
        let mut left = self.draw.unit() * kinds.iter().map(|(weight, _)| weight).sum::<f64>();
        for (weight, kind) in kinds {
            left -= weight;
            if left < 0.0 {
                return kind(self, at);
            }
        }
    }

    fn near(&mut self, reach: f64) -> DVec2 {
        let (x, z) = (
            self.draw.within(-reach, reach),
            self.draw.within(-reach, reach),
        );
        self.within_country(self.here + DVec2::new(x, z))
    }

    /// Back into the country, unless it is one of the places far away.
    fn within_country(&self, place: DVec2) -> DVec2 {
        let middle = FAR_AWAY
            .into_iter()
            .find(|far| far.distance(place) < 4.0 * COUNTRY_M)
            .unwrap_or(HOME);
        let reach = if middle == HOME { COUNTRY_M } else { 3_000.0 };
        let place = place.clamp(middle - DVec2::splat(reach), middle + DVec2::splat(reach));
        (place * 100.0).round() / 100.0
    }

    /// A few corners along the axes, as streets run.
    fn drive(&mut self, at: f64) {
        let speed = self.draw.within(5.0, 45.0);
        let mut at = at;
        for leg in 0..2 + self.draw.below(4) {
            let way = self.draw.within(-600.0, 600.0);
            let step = if leg % 2 == 0 { DVec2::X } else { DVec2::Y };
            let to = self.within_country(self.here + step * way);
            self.push(
                at,
                Act::FlyTo {
                    to,
                    height: 1.0,
                    speed,
                },
            );
            at = ((at + self.here.distance(to) / speed) * 100.0).ceil() / 100.0;
            self.here = to;
        }
    }

    fn fly(&mut self, at: f64) {
        match self.draw.below(8) {
            0 => {
                let act = Act::Shuttle {
                    metres: self.draw.within(2.0, 60.0),
                    times: 1 + self.draw.below(12) as u32,
                };
                self.push(at, act);
            }
            1 => {
                let act = Act::Orbit {
                    radius: self.draw.within(50.0, 1_200.0),
                    speed: self.draw.within(20.0, 200.0),
                };
                self.push(at, act);
            }
            _ => {
                let to = self.near(5_000.0);
                let act = Act::FlyTo {
                    to,
                    height: self.draw.log_within(2.0, 3_000.0),
                    speed: self.draw.log_within(40.0, 700.0),
                };
                self.push(at, act);
                self.here = to;
            }
        }
    }

    fn teleport(&mut self, at: f64) {
        // One, or a storm of them.
        let times = if self.draw.chance(0.2) {
            5 + self.draw.below(15)
        } else {
            1
        };
        for turn in 0..times {
            let to = match self.draw.below(6) {
                0 => *self.draw.pick(&FAR_AWAY),
                1 => HOME,
                2 => self.near(300.0),
                _ => {
                    self.here = HOME;
                    self.near(COUNTRY_M)
                }
            };
            self.push(at + 0.1 * turn as f64, Act::Teleport(to));
            self.here = to;
        }
    }

    fn fault(&mut self, at: f64) {
        let until = at + self.draw.within(0.5, 8.0);
        match self.draw.below(6) {
            0 | 1 => {
                let rate = *self.draw.pick(&[0.02, 0.05, 0.2, 0.6]);
                self.push(at, Act::PanicRate(rate));
                self.push(until, Act::PanicRate(0.0));
            }
            2 => {
                let place = self.near(900.0);
                self.push(at, Act::PanicAt(place));
            }
            3 => {
                let ms = self.draw.log_within(1.0, 400.0);
                self.push(at, Act::SlowWorkers(ms));
                self.push(until, Act::SlowWorkers(0.0));
            }
            4 => {
                let secs = self.draw.within(0.1, 4.0);
                self.push(at, Act::Stall(secs));
            }
            _ => {
                for _ in 0..1 + self.draw.below(3) {
                    let place = self.near(700.0);
                    self.push(at, Act::StickAt(place));
                }
            }
        }
    }

    fn setting(&mut self, at: f64) {
        // One change, or another one on every frame for a while.
        let times = if self.draw.chance(0.1) {
            30 + self.draw.below(60)
        } else {
            1
        };
        for turn in 0..times {
            let (field, value) = self.proposal();
            self.push(at + FRAME_SECS * turn as f64, Act::Set { field, value });
        }
    }

    fn proposal(&mut self) -> (&'static str, String) {
        let which = self.draw.below(FIELDS.len() + COMPOSITES.len());
        let field = FIELDS
            .get(which)
            .map_or_else(|| COMPOSITES[which - FIELDS.len()].name, |spec| spec.name);
        // A new world is dear: mostly something else.
        let is_dear = matches!(field, "seed" | "chunk_size_m");
        if is_dear && !self.draw.chance(0.25) {
            return self.proposal();
        }
        let is_illegal = self.draw.chance(0.15);
        let value = if is_illegal {
            (*self.draw.pick(&ILLEGAL)).to_owned()
        } else {
            self.value(field)
        };
        (field, value)
    }

    fn value(&mut self, field: &str) -> String {
        let draw = &mut self.draw;
        let whole = |draw: &mut Draw, low, high| draw.log_within(low, high).round();
        let number = match field {
            "max_concurrent_tasks" => draw.below(17) as f64,
            "max_completed_per_frame" => draw.below(13) as f64,
            "apply_budget_ms" => draw.log_within(0.05, 20.0),
            "upload_bytes_per_frame" => whole(draw, 4_096.0, 16_777_216.0),
            "completed_bytes_cap" => whole(draw, 65_536.0, 67_108_864.0),
            "scan_interval_secs" => *draw.pick(&[0.0, 0.05, 0.2, 1.0, 3.0]),
            "must_have_radius_m" => whole(draw, 130.0, 1_500.0),
            "load_radius_m" => whole(draw, 300.0, 2_500.0),
            "unload_radius_m" | "view_radius_m" => whole(draw, 400.0, 3_500.0),
            "retry_limit" => draw.below(6) as f64,
            "retry_backoff_secs" => draw.log_within(0.01, 3.0),
            "linger_secs" => *draw.pick(&[0.0, 0.2, 1.0, 4.0]),
            "look_ahead_secs" => *draw.pick(&[0.0, 1.0, 2.0, 6.0, 30.0]),
            "memory_cap_mib" => whole(draw, 1.0, 512.0),
            "stuck_after_secs" => draw.log_within(0.1, 20.0),
            "chunk_size_m" => *draw.pick(&[100.0, 128.0, 150.0, 200.0, 250.0, 400.0]),
            "seed" => draw.below(4) as f64,
            "detail_rings_m" => {
                let rings = ["none", "1000", "1600", "900,1500", "600,1200,1800,2400"];
                return (*draw.pick(&rings)).to_owned();
            }
            "need_weights" => {
                return format!(
                    "heading={} view={} age={} purpose={} aside={}",
                    draw.within(0.0, 4.0),
                    draw.within(0.0, 4.0),
                    draw.within(0.0, 200.0),
                    draw.within(0.0, 4.0),
                    draw.within(0.0, 8.0),
                );
            }
            // A field that is newer than this table: something that is legal almost everywhere.
            _ => 1.0,
        };
        number.to_string()
    }

    fn focus(&mut self, at: f64) {
        match self.draw.below(5) {
            0 => {
                self.push(at, Act::DropFocus);
                let until = at + self.draw.within(0.1, 6.0);
                self.push(until, Act::RestoreFocus);
            }
            1 => {
                self.push(at, Act::LosePlace);
                let until = at + self.draw.within(0.1, 2.0);
                let to = self.near(50.0);
                self.push(until, Act::Teleport(to));
            }
            2 => {
                let name = *self.draw.pick(&FOCUS_NAMES);
                self.push(at, Act::RemoveFocus(name));
            }
            _ => {
                let purposes = [
                    FocusPurpose::See,
                    FocusPurpose::Collide,
                    FocusPurpose::Preload,
                ];
                let act = Act::AddFocus {
                    name: self.draw.pick::<&str>(&FOCUS_NAMES),
                    at: self.near(3_000.0),
                    purpose: *self.draw.pick(&purposes),
                };
                self.push(at, act);
            }
        }
    }

    fn pause(&mut self, at: f64) {
        let field = *self
            .draw
            .pick(&["max_concurrent_tasks", "max_completed_per_frame"]);
        let until = at + self.draw.within(0.2, 5.0);
        let back = (1 + self.draw.below(8)).to_string();
        let set = |value: String| Act::Set { field, value };
        self.push(at, set("0".to_owned()));
        self.push(until, set(back));
    }

    fn preload(&mut self, at: f64) {
        if self.draw.chance(0.2) {
            return self.push(at, Act::ReleasePreloads);
        }
        let place = self.near(4_000.0);
        let within = self.draw.within(0.2, 6.0);
        let act = Act::Preload {
            at: place,
            radius: self.draw.within(100.0, 700.0),
            within,
        };
        self.push(at, act);
        // Most are travelled to.
        if self.draw.chance(0.7) {
            self.push(at + within, Act::Teleport(place));
            self.here = place;
        }
    }

    fn ask(&mut self, at: f64) {
        let asks = [
            StreamingRequest::RetryQuarantined,
            StreamingRequest::GeneratorChanged,
            StreamingRequest::RegenerateAll,
        ];
        let ask = *self.draw.pick(&asks);
        self.push(at, Act::Ask(ask));
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Answer, answer, home_settings};
    use super::*;

    #[test]
    fn equal_seeds_give_equal_episodes_and_others_differ() {
        assert_eq!(episode(7, 3, 60.0), episode(7, 3, 60.0));
        assert_ne!(episode(7, 3, 60.0).steps, episode(8, 3, 60.0).steps);
        assert_ne!(episode(7, 3, 60.0).steps, episode(7, 4, 60.0).steps);
    }

    #[test]
    fn steps_are_in_order_within_the_episode() {
        for index in 0..50 {
            let episode = episode(1, index, 45.0);
            assert!(episode.steps.is_sorted_by(|a, b| a.at <= b.at));
            assert!(
                episode
                    .steps
                    .iter()
                    .all(|step| (0.0..45.0).contains(&step.at))
            );
        }
    }

    #[test]
    fn a_soak_does_everything_there_is_to_do() {
        let steps: Vec<Step> = (0..200)
            .flat_map(|index| episode(1, index, 90.0).steps)
            .collect();
        let kinds: std::collections::BTreeSet<String> = steps
            .iter()
            .map(|step| {
                let text = format!("{:?}", step.act);
                text.split([' ', '(', '{'])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        assert_eq!(kinds.len(), 18, "{kinds:?}");
        let home = home_settings();
        let proposals: Vec<_> = steps
            .iter()
            .filter_map(|step| match &step.act {
                Act::Set { field, value } => Some((*field, answer(&home, field, value))),
                _ => None,
            })
            .collect();
        let fields = FIELDS.iter().map(|spec| spec.name);
        for field in fields.chain(COMPOSITES.iter().map(|spec| spec.name)) {
            let of_field = || proposals.iter().filter(move |(name, _)| *name == field);
            let accepted = of_field().filter(|(_, answer)| matches!(answer, Answer::Accepted(_)));
            let refused = of_field().filter(|(_, answer)| *answer == Answer::Refused);
            assert!(accepted.count() > 0, "{field} is never changed");
            assert!(refused.count() > 0, "{field} is never refused");
        }
    }
}
