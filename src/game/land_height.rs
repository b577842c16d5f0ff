//! Tells everybody how high the land is, for what is drawn into the world.

use bevy::prelude::*;

use crate::city::CityRelief;
use crate::modes::LandHeight;
use crate::streaming::StreamingSettings;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        tell.run_if(resource_exists_and_changed::<StreamingSettings>),
    );
}

/// Another seed is another land.
fn tell(settings: Res<StreamingSettings>, mut told: Local<Option<u64>>, mut commands: Commands) {
    if *told != Some(settings.seed) {
        *told = Some(settings.seed);
        let relief = CityRelief::new(settings.seed);
        commands.insert_resource(LandHeight::new(move |place| relief.height_at(place)));
    }
}
