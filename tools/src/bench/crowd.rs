//! CROWD: what 200 vehicles and 200 people cost together, in the game as it is played, without a renderer.
//!
//! ```text
//! FixedUpdate   ┤ Crowd ├ … ┤ People ├ …     who is near whom; people and vehicles
//! after fixed   ┤ Interpolate ├              their transforms
//! ```
//! The time between the marks is theirs; the player's own few entities count as well.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bevy::asset::AssetPlugin;
use bevy::ecs::schedule::{ScheduleLabel, SingleThreadedExecutor};
use bevy::input::InputPlugin;
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;
use bevy::transform::TransformPlugin;
use ringroad::city::{CityCollision, CityGenerator};
use ringroad::game::collision::CollisionIndex;
use ringroad::game::people::Person;
use ringroad::game::script::GameRequest;
use ringroad::game::traffic::TrafficVehicle;
use ringroad::game::{GamePlugin, GameSet};
use ringroad::streaming::{
    ChunkCoord, ChunkGenerator, ChunkLoaded, ChunkRequest, ChunkUnloaded, StopToken,
    StreamingSettings, StreamingValues,
};

use super::Workshop;
use super::case::Case;
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::{mean, quantile};
use super::world::FRAME;

const SEED: u64 = 7;
const SIZE_M: f64 = 200.0;
/// Chunks around the start, in each direction: farther than traffic goes.
const REACH: i32 = 3;
/// How long the streets fill up, seconds.
const FILL_SECS: f32 = 20.0;
/// What both may have of a frame of one core.
const MOST_SHARE: f64 = 0.10;
/// As many transforms as there are vehicles and people.
const BARE: usize = 400;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(&[Id::Crowd], "together", 4, measure)]
}

/// The time that the crowd has taken.
#[derive(Resource, Default)]
struct Spent {
    began: Option<Instant>,
    sum: Duration,
}

fn begin(mut spent: ResMut<Spent>) {
    spent.began = Some(Instant::now());
}

fn end(mut spent: ResMut<Spent>) {
    if let Some(began) = spent.began.take() {
        spent.sum += began.elapsed();
    }
}

/// The streets around the start, full of traffic and people.
fn streets() -> Result<App, String> {
    let values = StreamingValues {
        seed: SEED,
        chunk_size_m: SIZE_M,
        ..StreamingValues::default()
    };
    let settings = StreamingSettings::new(values).map_err(|error| error.to_string())?;
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        TransformPlugin,
        AssetPlugin::default(),
        StatesPlugin,
        InputPlugin,
    ))
    .insert_resource(settings)
    .add_message::<ChunkLoaded>()
    .add_message::<ChunkUnloaded>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
    .init_resource::<Spent>()
    .add_plugins(GamePlugin)
    .add_systems(
        FixedUpdate,
        (
            begin.after(GameSet::Remember).before(GameSet::Crowd),
            end.after(GameSet::Crowd).before(GameSet::Pilot),
            begin.after(GameSet::Knocks).before(GameSet::People),
            end.after(GameSet::People).before(GameSet::Journey),
        ),
    )
    .add_systems(
        RunFixedMainLoop,
        (
            begin
                .in_set(RunFixedMainLoopSystems::AfterFixedMainLoop)
                .before(GameSet::Interpolate),
            end.after(GameSet::Interpolate).before(GameSet::Focus),
        ),
    );
    for label in [FixedUpdate.intern(), RunFixedMainLoop.intern()] {
        app.edit_schedule(label, |schedule| {
            schedule.set_executor(SingleThreadedExecutor::new());
        });
    }
    app.update();
    for (x, z) in (-REACH..=REACH).flat_map(|x| (-REACH..=REACH).map(move |z| (x, z))) {
        let coord = ChunkCoord::new(x, z);
        let request = ChunkRequest::for_test(coord, SEED, SIZE_M);
        let content = CityGenerator
            .generate(&request, &StopToken::never())
            .map_err(|error| error.to_string())?;
        let collision = content
            .payload
            .and_then(|payload| payload.downcast::<CityCollision>().ok());
        app.world_mut()
            .resource_mut::<CollisionIndex>()
            .insert(coord, collision);
    }
    app.world_mut().write_message(GameRequest::EnterVehicle);
    let frames = (FILL_SECS / FRAME.as_secs_f32()) as u32;
    for _ in 0..frames {
        app.update();
    }
    Ok(app)
}

fn count<C: Component>(app: &mut App) -> usize {
    let mut query = app.world_mut().query_filtered::<(), With<C>>();
    query.iter(app.world()).len()
}

/// Milliseconds of a frame that the crowd takes, mean of many.
fn crowd_ms(app: &mut App, frames: u32) -> f64 {
    app.world_mut().resource_mut::<Spent>().sum = Duration::ZERO;
    for _ in 0..frames {
        app.update();
    }
    let sum = app.world().resource::<Spent>().sum;
    sum.as_secs_f64() * 1e3 / f64::from(frames)
}

/// Milliseconds to move and turn as many transforms and nothing else.
fn bare_ms(world: &mut World, times: u32) -> f64 {
    let mut query = world.query::<&mut Transform>();
    let began = Instant::now();
    for step in 0..times {
        let turn = step as f32 * 0.01;
        for (number, mut transform) in query.iter_mut(world).enumerate() {
            transform.translation += Vec3::new(0.02, 0.0, number as f32 * 1e-4);
            transform.rotation = Quat::from_rotation_y(turn + number as f32);
        }
    }
    let ms = began.elapsed().as_secs_f64() * 1e3 / f64::from(times);
    black_box(&world);
    ms
}

fn measure(shop: &Workshop) -> Result<Vec<Measured>, String> {
    let mut app = streets()?;
    let (vehicles, people) = (count::<TrafficVehicle>(&mut app), count::<Person>(&mut app));
    let mut bare = World::new();
    bare.spawn_batch((0..BARE).map(|number| Transform::from_xyz(number as f32, 0.0, 0.0)));
    let frames = shop.sized(120, 600);
    let pairs = shop.in_pairs(
        || Ok(crowd_ms(&mut app, frames)),
        || Ok(bare_ms(&mut bare, frames)),
    )?;
    let frame_ms = FRAME.as_secs_f64() * 1e3;
    let (crowd, bare): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let middle = |values: &[f64]| quantile(values, 0.5).unwrap_or(f64::NAN);
    let note = format!(
        "{vehicles} vehicles and {people} people at the start, one thread, without what is drawn: {:.3} ms a frame; {BARE} bare transforms {:.4} ms",
        middle(&crowd),
        middle(&bare),
    );
    Ok(vec![
        Measured {
            id: Id::Crowd,
            case: "together ÷ a frame".to_owned(),
            samples: crowd.iter().map(|ms| ms / frame_ms).collect(),
            target: Target::at_most(MOST_SHARE, MOST_SHARE).with_goal_alone(),
            kind: Kind::Timed,
            note: note.clone(),
        },
        Measured {
            id: Id::Crowd,
            case: format!("together ÷ {BARE} bare transform updates"),
            samples: pairs.iter().map(|(crowd, bare)| crowd / bare).collect(),
            target: Target::SHOWN,
            kind: Kind::Timed,
            note,
        },
        Measured {
            id: Id::Crowd,
            case: "vehicles and people".to_owned(),
            samples: vec![(vehicles + people) as f64],
            target: Target::at_least(360.0, 380.0),
            kind: Kind::Counted,
            note: format!(
                "{vehicles} vehicles and {people} people of 200 each; mean share {:.4}",
                mean(&crowd).unwrap_or(f64::NAN) / frame_ms
            ),
        },
    ])
}
