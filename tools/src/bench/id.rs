//! The ratios by name.

use std::fmt;

/// Which ratio.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described by `Id::about`")]
pub enum Id {
    P1,
    P3,
    A1,
    A2,
    M1,
    M2,
    T1,
    S1,
    L1,
    W1,
    W2,
    C1,
    G1,
    K1,
    O1,
    D1,
    Q1,
    City,
    Crowd,
}

impl Id {
    /// Every ratio, in the order of the report.
    pub const ALL: [Self; 19] = [
        Self::P1,
        Self::P3,
        Self::A1,
        Self::A2,
        Self::M1,
        Self::M2,
        Self::T1,
        Self::S1,
        Self::L1,
        Self::W1,
        Self::W2,
        Self::C1,
        Self::G1,
        Self::K1,
        Self::O1,
        Self::D1,
        Self::Q1,
        Self::City,
        Self::Crowd,
    ];

    /// Its name in tables and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P3 => "P3",
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::M1 => "M1",
            Self::M2 => "M2",
            Self::T1 => "T1",
            Self::S1 => "S1",
            Self::L1 => "L1",
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::C1 => "C1",
            Self::G1 => "G1",
            Self::K1 => "K1",
            Self::O1 => "O1",
            Self::D1 => "D1",
            Self::Q1 => "Q1",
            Self::City => "CITY",
            Self::Crowd => "CROWD",
        }
    }

    /// What it is, in a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::P1 => {
                "pipeline efficiency: chunks/s through the plugin ÷ chunks/s of bare threads"
            }
            Self::P3 => "overhead per chunk, in round trips of a channel",
            Self::A1 => "apply time per chunk ÷ bare spawn_batch of the same bundles",
            Self::A2 => "unload time ÷ bare despawn of the same entities, and its slope",
            Self::M1 => "main-thread share of a 16.7 ms frame while driving",
            Self::M2 => "time used ÷ budget in frames that ran out of time",
            Self::T1 => "time to a complete view ÷ what generation and apply need",
            Self::S1 => "highest speed without a late chunk ÷ what generation and apply allow",
            Self::L1 => "share of late chunks at 0.8 of the speed that they allow",
            Self::W1 => "work thrown away ÷ work done",
            Self::W2 => "loads ÷ distinct chunks on a shuttle over a border",
            Self::C1 => "stop token set → worker free ÷ generation time",
            Self::G1 => "live bytes ÷ payloads; memory of lap 20 ÷ lap 2",
            Self::K1 => "scan + queue time per frame at 5,000 loaded chunks ÷ at 50",
            Self::O1 => "time that the instruments take ÷ a 16.7 ms frame, or what they may take",
            Self::D1 => "share of chunks with equal content over threads, order, cancel and retry",
            Self::Q1 => "priority regret",
            Self::City => "cost of the city's chunks by level",
            Self::Crowd => "vehicles and people around the player ÷ a 16.7 ms frame of one core",
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
