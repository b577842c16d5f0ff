//! Tests of the plugin, headless, with scripted generators: each law by name, and each checker by sabotage.

mod generators;
mod instruments;
mod law_01_to_05;
mod law_06_to_09;
mod law_10_to_15;
mod levels;
mod limits;
mod places;
mod random_walks;
mod stages;
mod trial;
mod walk_script;
