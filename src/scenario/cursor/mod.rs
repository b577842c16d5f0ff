//! Where a script stands: a pure function of the time and a few facts, without a world.

#[cfg(test)]
mod tests;

use super::{Event, Scenario, TimedEvent};

/// For how long (s) everything must be at rest before a `Settle` ends, beside one scan interval. A scan that has not
/// happened yet knows of nothing missing, and entities of a retiring chunk go over several frames.
const REST_SECS: f64 = 0.25;

/// What the cursor needs to know of the world.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Nothing wanted is missing, and nothing is on its way in or out (what is quarantined excepted).
    pub is_at_rest: bool,
    /// Something was wanted at all, or no focus asks for anything.
    pub is_scanned: bool,
    /// Grows with every change of the number of chunk entities; rest means that it does not.
    pub chunk_entities: u64,
    /// The scan interval in force, seconds.
    pub scan_interval_secs: f64,
}

/// What the player is to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// An event; never `Settle`, `Repeat` or `Quit`.
    Do(Event),
    /// A `Settle` ended after this many seconds.
    Settled {
        /// Seconds.
        after_secs: f64,
    },
    /// A `Settle` was not over in time; the script goes on.
    SettleFailed {
        /// Its timeout in seconds.
        timeout_secs: f64,
    },
    /// The script is over.
    End,
}

/// Where a script stands.
#[derive(Clone, Debug)]
pub struct ScriptCursor {
    events: Vec<TimedEvent>,
    next: usize,
    /// When the last `Settle` ended; times count from here.
    origin: f64,
    settling: Option<Settling>,
    repeats: Vec<Repeating>,
    until: Option<f64>,
    is_over: bool,
}

#[derive(Clone, Debug)]
struct Settling {
    since: f64,
    timeout: f64,
    rest_since: Option<(f64, u64)>,
}

#[derive(Clone, Debug)]
struct Repeating {
    due: f64,
    every: f64,
    left: u32,
    event: Event,
}

impl ScriptCursor {
    /// At the start of a script. Between two `Settle`s events happen in order of time, equal times in order of the file.
    pub fn new(scenario: &Scenario) -> Self {
        let mut events = scenario.events.clone();
        for part in events.split_mut(|timed| matches!(timed.event, Event::Settle { .. })) {
            part.sort_by(|a, b| a.at.total_cmp(&b.at));
        }
        Self {
            events,
            next: 0,
            origin: 0.0,
            settling: None,
            repeats: Vec::new(),
            until: scenario.until,
            is_over: false,
        }
    }

    /// Whether a `Settle` is being waited for.
    pub fn is_settling(&self) -> bool {
        self.settling.is_some()
    }

    /// What is due at `now`, seconds since the run began. `is_travelling` holds back an end without `until`.
    pub fn advance(&mut self, now: f64, facts: Facts, is_travelling: bool) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.is_over {
            return acts;
        }
        self.repeat(now, &mut acts);
        loop {
            if let Some(settling) = &mut self.settling {
                let Some(act) = settling.advance(now, facts) else {
                    return acts;
                };
                acts.push(act);
                self.settling = None;
                self.origin = now;
            }
            let Some(timed) = self.events.get(self.next) else {
                break;
            };
            if now < self.origin + timed.at {
                return acts;
            }
            let due = self.origin + timed.at;
            match timed.event.clone() {
                Event::Settle { timeout } => {
                    self.settling = Some(Settling {
                        since: now,
                        timeout,
                        rest_since: None,
                    });
                }
                Event::Repeat {
                    times,
                    every,
                    event,
                } => {
                    self.repeats.push(Repeating {
                        due,
                        every,
                        left: times,
                        event: *event,
                    });
                    self.repeat(now, &mut acts);
                }
                Event::Quit => {
                    self.is_over = true;
                    acts.push(Act::End);
                    return acts;
                }
                event => acts.push(Act::Do(event)),
            }
            self.next += 1;
        }
        let is_done = match self.until {
            Some(until) => now >= self.origin + until,
            // What was done just now may have begun a journey.
            None => {
                let is_idle = !acts.iter().any(|act| matches!(act, Act::Do(_)));
                is_idle && self.repeats.is_empty() && !is_travelling
            }
        };
        if is_done {
            self.is_over = true;
            acts.push(Act::End);
        }
        acts
    }

    fn repeat(&mut self, now: f64, acts: &mut Vec<Act>) {
        for repeating in &mut self.repeats {
            while repeating.left > 0 && now >= repeating.due {
                acts.push(Act::Do(repeating.event.clone()));
                repeating.left -= 1;
                repeating.due += repeating.every;
                if repeating.every > 0.0 && now < repeating.due {
                    break;
                }
            }
        }
        self.repeats.retain(|repeating| repeating.left > 0);
    }
}

impl Settling {
    /// The end of the wait, if it is now.
    fn advance(&mut self, now: f64, facts: Facts) -> Option<Act> {
        let after_secs = now - self.since;
        // Nothing is believed before a scan must have seen where the foci are now.
        let is_believed = facts.is_scanned && after_secs > facts.scan_interval_secs;
        if is_believed && facts.is_at_rest {
            match self.rest_since {
                Some((since, entities)) if entities == facts.chunk_entities => {
                    if now - since >= REST_SECS + facts.scan_interval_secs {
                        return Some(Act::Settled { after_secs });
                    }
                }
                _ => self.rest_since = Some((now, facts.chunk_entities)),
            }
        } else {
            self.rest_since = None;
        }
        (after_secs >= self.timeout).then_some(Act::SettleFailed {
            timeout_secs: self.timeout,
        })
    }
}
