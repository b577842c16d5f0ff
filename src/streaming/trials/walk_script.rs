//! What happens in a random walk, and the walk as a scenario of the game that uses the plugin, for playing a
//! failure again. `walk.ron` is the form; the game, which has the parser, reads and plays it in a test.

use proptest::prelude::*;

use super::trial::{FRAME, small_world};
use crate::StreamingValues;

#[derive(Clone, Debug)]
pub enum Event {
    Drive(i16, i16),
    Teleport(i16, i16),
    DropFocus,
    RestoreFocus,
    Tasks(u8),
    Completed(u8),
    Budget(u8),
    Radius(u8),
    PanicRate(u8),
    Slow(u8),
    Stall(u8),
    Seed(u8),
    RetryQuarantined,
    View(u8),
    Stick(i8, i8),
    Preload(i16, i16),
    ReleasePreloads,
    Extra(u8, i16),
    GeneratorChanged,
    Linger(u8),
    Upload(u8),
    WaitingBytes(u8),
    Memory(u8),
    ChunkSize(u8),
    MakeAnew(i8, i8),
    SweepOrphans,
    Nowhere,
    Nonsense(u8),
    Hold(u8),
    Leave,
    Pass(u8),
}

/// Settings that are refused, by the range of one field or by what they contradict. A script does not say them: by
/// its reader's rules a file with the first kind is illegal, and a run with the second has failed.
pub const NONSENSE: [(&str, &str); 8] = [
    ("load_radius_m", "NaN"),
    ("unload_radius_m", "1"),
    ("max_concurrent_tasks", "10000"),
    ("detail_rings_m", "9,8"),
    ("memory_cap_mib", "0"),
    ("view_radius_m", "1e12"),
    ("unload_radius_m", "33"),
    ("must_have_radius_m", "90000"),
];

/// The view radius and its one ring, so far beyond the load radius.
pub fn view_and_rings(load_m: f64, n: u8) -> (f64, f64) {
    let beyond = f64::from(n) * 150.0;
    (load_m + beyond, load_m + beyond / 2.0 + 32.0)
}

impl Event {
    pub fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => (-60..60_i16, -60..60_i16).prop_map(|(x, z)| Self::Drive(x, z)),
            2 => (-3_000..3_000_i16, -3_000..3_000_i16).prop_map(|(x, z)| Self::Teleport(x, z)),
            1 => Just(Self::DropFocus),
            2 => Just(Self::RestoreFocus),
            1 => (0..20_u8).prop_map(Self::Tasks),
            1 => (0..9_u8).prop_map(Self::Completed),
            1 => (1..100_u8).prop_map(Self::Budget),
            1 => (2..8_u8).prop_map(Self::Radius),
            1 => (0..60_u8).prop_map(Self::PanicRate),
            1 => (0..40_u8).prop_map(Self::Slow),
            1 => (0..40_u8).prop_map(Self::Stall),
            1 => (0..4_u8).prop_map(Self::Seed),
            1 => Just(Self::RetryQuarantined),
            2 => (0..8_u8).prop_map(Self::View),
            1 => (-8..8_i8, -8..8_i8).prop_map(|(x, z)| Self::Stick(x, z)),
            1 => (-2_000..2_000_i16, -2_000..2_000_i16).prop_map(|(x, z)| Self::Preload(x, z)),
            1 => Just(Self::ReleasePreloads),
            1 => (0..4_u8, -2_000..2_000_i16).prop_map(|(kind, x)| Self::Extra(kind, x)),
            1 => Just(Self::GeneratorChanged),
            1 => (0..20_u8).prop_map(Self::Linger),
            1 => (1..40_u8).prop_map(Self::Upload),
            1 => (1..12_u8).prop_map(Self::WaitingBytes),
            1 => (1..4_u8).prop_map(Self::Memory),
            1 => (60..=100_u8).prop_map(Self::ChunkSize),
            2 => (-6..6_i8, -6..6_i8).prop_map(|(x, z)| Self::MakeAnew(x, z)),
            1 => Just(Self::SweepOrphans),
            1 => Just(Self::Nowhere),
            1 => (0..NONSENSE.len() as u8).prop_map(Self::Nonsense),
            1 => (1..30_u8).prop_map(Self::Hold),
            1 => Just(Self::Leave),
            4 => (1..30_u8).prop_map(Self::Pass),
        ]
    }
}

/// The walk as a scenario.
///
/// What was before a `Leave` is left out, since everything begins anew there. What a file cannot say (a value
/// that is refused, a runner that holds streaming) is a comment.
pub fn as_scenario(events: &[Event]) -> String {
    let mut script = Script::new();
    for (index, event) in events.iter().enumerate() {
        if matches!(event, Event::Leave) && index + 1 < events.len() {
            script = Script::new();
        } else {
            script.write(event);
        }
    }
    script.text()
}

/// What a scenario says so far, and what its next line depends on.
struct Script {
    lines: Vec<String>,
    frames: u32,
    place: (f64, f64),
    has_focus: bool,
    load_m: f64,
    chunk_size_m: f64,
    extras: u32,
}

impl Script {
    fn new() -> Self {
        let values = small_world();
        Self {
            lines: Vec::new(),
            frames: 0,
            place: (0.0, 0.0),
            has_focus: true,
            load_m: values.load_radius_m,
            chunk_size_m: values.chunk_size_m,
            extras: 0,
        }
    }

    fn secs(&self) -> f64 {
        (FRAME * self.frames).as_secs_f64()
    }

    fn at(&mut self, event: impl AsRef<str>) {
        let line = format!("(at: {:.3}, do: {}),", self.secs(), event.as_ref());
        self.lines.push(line);
    }

    fn say(&mut self, comment: impl AsRef<str>) {
        self.lines.push(format!("// {}", comment.as_ref()));
    }

    fn set(&mut self, field: &str, value: impl ToString) {
        let value = value.to_string();
        self.at(format!("Set(field: \"{field}\", value: {value})"));
    }

    /// The middle of a cell, which a script names by a place.
    fn middle(&self, x: i8, z: i8) -> String {
        let middle = |cell: i8| (f64::from(cell) + 0.5) * self.chunk_size_m;
        format!("x: {}, z: {}", middle(x), middle(z))
    }

    fn write(&mut self, event: &Event) {
        match event {
            Event::Drive(x, z) => self.drive(f64::from(*x), f64::from(*z)),
            Event::Teleport(x, z) => {
                self.place = (f64::from(*x), f64::from(*z));
                self.at(format!("Teleport(x: {x}, z: {z})"));
            }
            Event::DropFocus => {
                self.has_focus = false;
                self.at("DropFocus");
            }
            Event::RestoreFocus => {
                self.has_focus = true;
                self.at("RestoreFocus");
            }
            Event::Tasks(n) => self.set("max_concurrent_tasks", n),
            Event::Completed(n) => self.set("max_completed_per_frame", n),
            Event::Budget(n) => self.set("apply_budget_ms", f64::from(*n) / 20.0),
            Event::Radius(n) => {
                let load = f64::from(*n) * 100.0;
                self.load_m = load;
                let unload = load + 100.0;
                self.at(format!(
                    "SetTogether({{\"load_radius_m\": {load}, \"unload_radius_m\": {unload}, \"view_radius_m\": {load}}})"
                ));
            }
            Event::PanicRate(percent) => {
                self.at(format!("PanicRate({})", f64::from(*percent) / 100.0));
            }
            Event::Slow(ms) => self.at(format!("SlowWorkers(ms: {ms})")),
            Event::Stall(frames) => {
                let secs = (FRAME * u32::from(*frames)).as_secs_f64();
                self.at(format!("Stall(secs: {secs:.3})"));
            }
            Event::Seed(seed) => self.set("seed", seed),
            Event::RetryQuarantined => self.at("RetryQuarantined"),
            Event::View(n) => {
                let (view, ring) = view_and_rings(self.load_m, *n);
                self.at(format!(
                    "SetTogether({{\"view_radius_m\": {view}, \"detail_rings_m\": [{ring}]}})"
                ));
            }
            Event::Stick(x, z) => self.at(format!("StickAt({})", self.middle(*x, *z))),
            Event::Preload(x, z) => {
                self.at(format!("Preload(x: {x}, z: {z}, radius: 250, within: 1)"));
            }
            Event::ReleasePreloads => self.at("ReleasePreloads"),
            Event::Extra(kind, x) => self.extra(*kind, *x),
            Event::GeneratorChanged => self.at("GeneratorChanged"),
            Event::Linger(n) => self.set("linger_secs", f64::from(*n) / 10.0),
            Event::Upload(n) => self.set("upload_bytes_per_frame", u32::from(*n) * 4_096),
            Event::WaitingBytes(n) => self.set("completed_bytes_cap", u32::from(*n) * 65_536),
            Event::Memory(mib) => self.set("memory_cap_mib", mib),
            Event::ChunkSize(metres) => {
                self.chunk_size_m = f64::from(*metres);
                self.set("chunk_size_m", metres);
            }
            Event::MakeAnew(x, z) => self.at(format!("MakeAnew({})", self.middle(*x, *z))),
            Event::SweepOrphans => self.at("SweepOrphans"),
            Event::Nowhere => self.go_nowhere(),
            Event::Nonsense(n) => {
                let (field, value) = NONSENSE[usize::from(*n)];
                self.say(format!("refused: {field} = {value}"));
            }
            Event::Hold(frames) => {
                self.say(format!("streaming was held for {frames} frames"));
                self.frames += u32::from(*frames);
            }
            Event::Leave => self.at("Quit"),
            Event::Pass(frames) => self.frames += u32::from(*frames),
        }
        self.frames += 1;
    }

    /// A way of ten frames.
    fn drive(&mut self, x: f64, z: f64) {
        self.place = (self.place.0 + x, self.place.1 + z);
        let way_m = x.hypot(z);
        if way_m > 0.0 {
            let speed = way_m / (FRAME * 10).as_secs_f64();
            let (x, z) = self.place;
            self.at(format!("FlyTo(x: {x}, z: {z}, speed: {speed:.1})"));
        }
        self.frames += 10;
    }

    fn extra(&mut self, kind: u8, x: i16) {
        // As in the walk: a few are enough.
        if self.extras < 2 {
            self.extras += 1;
            let purpose = match kind {
                0 => "See",
                1 => "Collide",
                _ => "Preload",
            };
            let name = self.extras;
            self.at(format!(
                "AddFocus(name: \"extra-{name}\", x: {x}, z: 300, purpose: {purpose})"
            ));
        }
    }

    /// A focus that is nowhere is none (law 11), which is what a script can say.
    fn go_nowhere(&mut self) {
        if self.has_focus {
            self.at("DropFocus");
        }
        self.frames += 3;
        if self.has_focus {
            self.at("RestoreFocus");
        }
    }

    fn text(&self) -> String {
        let settings = StreamingValues::default().differences(&small_world());
        let settings: Vec<String> = settings
            .iter()
            .map(|(field, _, value)| format!("        \"{field}\": {value},"))
            .collect();
        let events: Vec<String> = self
            .lines
            .iter()
            .map(|line| format!("        {line}"))
            .collect();
        format!(
            "Scenario(\n    name: \"walk\",\n    seed: {},\n    set: {{\n{}\n    }},\n    generator: Synthetic(cost_us: 4000, entities: 14, bytes: 24000),\n    apply_cost: (us_per_entity: 20, ns_per_byte: 0.5),\n    start: At(x: 0, z: 0),\n    events: [\n{}\n    ],\n    until: {:.3},\n)\n",
            small_world().seed,
            settings.join("\n"),
            events.join("\n"),
            self.secs() + 0.001,
        )
    }
}

/// One event of each kind.
fn one_of_each() -> Vec<Event> {
    vec![
        Event::Pass(29),
        Event::Drive(50, -20),
        Event::Teleport(700, -900),
        Event::Tasks(9),
        Event::Completed(3),
        Event::Budget(7),
        Event::Radius(5),
        Event::View(3),
        Event::PanicRate(20),
        Event::Slow(15),
        Event::Stall(20),
        Event::Stick(6, -9),
        Event::DropFocus,
        Event::Nowhere,
        Event::RestoreFocus,
        Event::Preload(300, -200),
        Event::Extra(0, 50),
        Event::Extra(1, -50),
        Event::ReleasePreloads,
        Event::Linger(4),
        Event::Upload(6),
        Event::WaitingBytes(2),
        Event::Memory(2),
        Event::MakeAnew(6, -9),
        Event::GeneratorChanged,
        Event::RetryQuarantined,
        Event::SweepOrphans,
        Event::Nonsense(0),
        Event::Nonsense(6),
        Event::Nowhere,
        Event::Hold(9),
        Event::Seed(2),
        Event::ChunkSize(80),
        Event::Drive(0, 0),
        Event::Pass(20),
        Event::Leave,
    ]
}

#[test]
fn the_scenario_that_the_game_reads_is_what_a_walk_prints() {
    let printed = as_scenario(&one_of_each());
    assert!(
        printed == include_str!("walk.ron"),
        "trials/walk.ron should be:\n{printed}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_walk_is_printed_as_ron(events in proptest::collection::vec(Event::any(), 0..40)) {
        let printed = as_scenario(&events);
        let read = ron::from_str::<ron::Value>(&printed);
        prop_assert!(read.is_ok(), "{:?} in\n{}", read, printed);
    }
}

#[test]
fn a_walk_that_begins_anew_is_printed_from_there() {
    let printed = as_scenario(&[Event::Tasks(9), Event::Leave, Event::Completed(3)]);
    assert!(
        !printed.contains("max_concurrent_tasks\", value"),
        "{printed}"
    );
    assert!(
        printed.contains("(at: 0.000, do: Set(field: \"max_completed_per_frame\", value: 3)),")
    );
}
