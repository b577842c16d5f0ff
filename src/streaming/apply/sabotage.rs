//! The faults that test the checkers of the laws; without `cfg(test)` they are the identity.

use bevy::ecs::entity::Entity;

#[cfg(test)]
use crate::state::WorldSabotage;
use crate::state::WorldSide;

pub(super) fn may_ignore_count(_side: &WorldSide) -> bool {
    #[cfg(test)]
    return _side.sabotage == WorldSabotage::IgnoreCount;
    #[cfg(not(test))]
    false
}

pub(super) fn may_ignore_time(_side: &WorldSide) -> bool {
    #[cfg(test)]
    return _side.sabotage == WorldSabotage::IgnoreTime;
    #[cfg(not(test))]
    false
}

pub(super) fn reported_hash(_side: &WorldSide, hash: Option<u64>) -> Option<u64> {
    #[cfg(test)]
    if _side.sabotage == WorldSabotage::WrongHash {
        return hash.map(|hash| hash ^ _side.frames);
    }
    hash
}

pub(super) fn spared(slice: Vec<Entity>, _side: &WorldSide) -> Vec<Entity> {
    #[cfg(test)]
    if _side.sabotage == WorldSabotage::LeakEntity {
        return slice.into_iter().skip(1).collect();
    }
    slice
}
