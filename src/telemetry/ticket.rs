//! Hitch tickets: each panel hitch with which chunks landed in it and in the two frames before.

use serde::Serialize;

use super::{hitch::Hitch, ring::Ring};
use crate::streaming::{ChunkCoord, ChunkLoaded};

/// Tickets kept, the newest.
pub const TICKETS_KEPT: usize = 16;

/// Landings kept: more than land in the frames that a ticket looks back on.
const LANDINGS_KEPT: usize = 512;

/// Landings on one ticket: of more, the longest.
const LANDINGS_ON_TICKET: usize = 16;

/// A chunk that landed.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct Landing {
    /// In which frame, from 1.
    pub frame: u64,
    /// Where.
    pub coord: ChunkCoord,
    /// The level.
    pub level: u8,
    /// The ticket of its request.
    pub request: u64,
    /// Run of the generator, ms.
    pub generate_ms: f64,
    /// Main-thread time of all its slices, ms.
    pub apply_ms: f64,
}

impl Landing {
    pub(super) fn of(frame: u64, loaded: &ChunkLoaded) -> Self {
        Self {
            frame,
            coord: loaded.coord,
            level: loaded.detail.0,
            request: loaded.generation_id.0,
            generate_ms: loaded.times.generate_ms,
            apply_ms: loaded.times.apply_ms,
        }
    }
}

/// One panel hitch with everything that is known about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitchTicket {
    /// Number of the ticket, from 1; never reused.
    pub number: u64,
    /// The frame, its breakdown and that of the two frames before.
    #[serde(flatten)]
    pub hitch: Hitch,
    /// Chunks that landed in the frame and in the two before, those that took longest first.
    pub landed: Vec<Landing>,
    /// How many more there were than are listed.
    pub more_landed: usize,
    /// `max_concurrent_tasks` and `max_completed_per_frame` in that frame.
    pub limits: [u64; 2],
}

impl HitchTicket {
    /// The ticket in lines: the frame, what took it, which chunks.
    pub fn text(&self) -> String {
        use super::text::ms;
        let Hitch {
            frame,
            t_secs,
            median_ms,
            breakdown,
            before,
        } = &self.hitch;
        let mut text = format!(
            "hitch {} at {t_secs:.2} s, frame {frame}: {:.1} ms, the median of the second before is {median_ms:.1} ms\n",
            self.number, breakdown.dt_ms
        );
        text += "  ms            frame    scan   queue   apply  unload overlay  record    game  render   sleep unattr.  landed\n";
        let frames = [Some(*breakdown), before[0], before[1]];
        for (name, frame) in ["this one", "1 before", "2 before"].into_iter().zip(frames) {
            let Some(parts) = frame else { continue };
            text += &format!(
                "  {name:<11}{} {} {} {} {} {} {} {} {} {} {}{:>8}\n",
                ms(Some(parts.dt_ms)),
                ms(Some(parts.scan_ms)),
                ms(Some(parts.queue_ms)),
                ms(Some(parts.apply_ms)),
                ms(Some(parts.unload_ms)),
                ms(parts.overlay_ms),
                ms(Some(parts.recording_ms)),
                ms(parts.game_ms),
                ms(parts.render_ms),
                ms(parts.sleep_ms),
                ms(Some(parts.unattributed_ms)),
                parts.applied_now
            );
        }
        for landing in &self.landed {
            text += &format!(
                "  landed {} level {} #{}: generated in {:.1} ms, applied in {:.2} ms\n",
                landing.coord,
                landing.level,
                landing.request,
                landing.generate_ms,
                landing.apply_ms
            );
        }
        if self.more_landed > 0 {
            text += &format!("  and {} more\n", self.more_landed);
        }
        text
    }
}

/// The newest tickets, and the landings they are made of.
pub struct Tickets {
    landings: Ring<Landing>,
    tickets: Ring<HitchTicket>,
}

impl Default for Tickets {
    fn default() -> Self {
        Self {
            landings: Ring::with_capacity(LANDINGS_KEPT),
            tickets: Ring::with_capacity(TICKETS_KEPT),
        }
    }
}

impl Tickets {
    /// The tickets kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &HitchTicket> {
        self.tickets.iter()
    }

    /// The ticket of this number, if it is kept.
    pub fn get(&self, number: u64) -> Option<&HitchTicket> {
        self.tickets.iter().find(|ticket| ticket.number == number)
    }

    pub(super) fn note_landing(&mut self, landing: Landing) {
        self.landings.push(landing);
    }

    /// Writes a ticket; `limits` are tasks and chunks per frame in force.
    pub(super) fn write(&mut self, hitch: Hitch, limits: [u64; 2]) -> u64 {
        let from = hitch.frame.saturating_sub(2);
        let mut landed: Vec<Landing> = self
            .landings
            .iter()
            .filter(|landing| landing.frame >= from)
            .copied()
            .collect();
        landed.sort_by(|a, b| b.apply_ms.total_cmp(&a.apply_ms));
        let more_landed = landed.len().saturating_sub(LANDINGS_ON_TICKET);
        landed.truncate(LANDINGS_ON_TICKET);
        let number = self.tickets.pushed() + 1;
        self.tickets.push(HitchTicket {
            number,
            hitch,
            landed,
            more_landed,
            limits,
        });
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::hitch::FrameBreakdown;

    fn landing(frame: u64, x: i32, apply_ms: f64) -> Landing {
        Landing {
            frame,
            coord: ChunkCoord::new(x, 0),
            level: 0,
            request: 7,
            generate_ms: 8.0,
            apply_ms,
        }
    }

    #[test]
    fn a_ticket_names_the_chunks_of_its_frame_and_the_two_before() {
        let mut tickets = Tickets::default();
        for (frame, x, apply_ms) in [(97, 1, 9.0), (98, 2, 1.0), (99, 3, 2.0), (100, 4, 31.0)] {
            tickets.note_landing(landing(frame, x, apply_ms));
        }
        let hitch = Hitch {
            frame: 100,
            t_secs: 2.0,
            median_ms: 16.7,
            breakdown: FrameBreakdown {
                dt_ms: 48.0,
                apply_ms: 31.0,
                render_ms: Some(9.0),
                unattributed_ms: 8.0,
                ..FrameBreakdown::default()
            },
            before: [Some(FrameBreakdown::default()), None],
        };
        let number = tickets.write(hitch, [3, 2]);
        let ticket = tickets.get(number).expect("it was written");
        let places: Vec<i32> = ticket
            .landed
            .iter()
            .map(|landing| landing.coord.x)
            .collect();
        assert_eq!(places, [4, 3, 2], "the longest first, without frame 97");
        let text = ticket.text();
        for part in [
            "hitch 1 at 2.00 s",
            "48.0 ms",
            "1 before",
            "landed (4, 0)",
            "31.00 ms",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("2 before"), "there was none");
    }

    #[test]
    fn only_the_newest_tickets_are_kept_and_numbers_go_on() {
        let mut tickets = Tickets::default();
        for frame in 0..20 {
            let hitch = Hitch {
                frame,
                t_secs: 0.0,
                median_ms: 16.0,
                breakdown: FrameBreakdown::default(),
                before: [None, None],
            };
            tickets.write(hitch, [0, 0]);
        }
        assert_eq!(tickets.iter().count(), TICKETS_KEPT);
        assert!(tickets.get(4).is_none() && tickets.get(20).is_some());
    }
}
