//! How people look: one entity each, whose mesh turns the pages of a flip book of its step.

use bevy::prelude::*;

use super::stroll::{Mind, Person};
use crate::city::{CITY_MATERIAL, CityMaterial, FIGURES, STEP_PICTURES, STRIDE_M, person_mesh};
use crate::game::{DrawSet, SetupSet};
use crate::streaming::ChunkPalette;

pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, print_pages.in_set(SetupSet::View))
        .add_systems(
            PostUpdate,
            (dress, turn_pages).chain().in_set(DrawSet::Bodies),
        );
}

/// The meshes of all figures at all moments of a step, and what they are painted with: the city's own material.
#[derive(Resource)]
struct FlipBook {
    pages: Vec<Handle<Mesh>>,
    paint: Handle<CityMaterial>,
}

impl FlipBook {
    /// The picture of a moment of a step.
    fn page(&self, person: &Person) -> &Handle<Mesh> {
        let picture = match person.mind() {
            Mind::Walking | Mind::Crossing => {
                let share = person.stride_m / STRIDE_M;
                ((share - share.floor()) * STEP_PICTURES as f32) as u32 % STEP_PICTURES
            }
            // A moment with both feet on the ground.
            Mind::Pausing { .. } | Mind::Waiting { .. } | Mind::Down { .. } => 0,
        };
        let figure = person.figure % FIGURES;
        &self.pages[(figure * STEP_PICTURES + picture) as usize]
    }
}

fn print_pages(
    mut commands: Commands,
    palette: Option<Res<ChunkPalette>>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let Some(paint) = palette.and_then(|palette| palette.material(CITY_MATERIAL).cloned()) else {
        return;
    };
    let pages = (0..FIGURES)
        .flat_map(|figure| (0..STEP_PICTURES).map(move |picture| (figure, picture)))
        .map(|(figure, picture)| meshes.add(person_mesh(figure, picture)))
        .collect();
    commands.insert_resource(FlipBook { pages, paint });
}

fn dress(
    mut commands: Commands,
    book: Option<Res<FlipBook>>,
    naked: Query<(Entity, &Person), Without<Mesh3d>>,
) {
    let Some(book) = book else { return };
    for (entity, person) in &naked {
        commands.entity(entity).insert((
            Mesh3d(book.page(person).clone()),
            MeshMaterial3d(book.paint.clone()),
        ));
    }
}

fn turn_pages(book: Option<Res<FlipBook>>, mut people: Query<(&Person, &mut Mesh3d)>) {
    let Some(book) = book else { return };
    for (person, mut mesh) in &mut people {
        let page = book.page(person);
        if mesh.0 != *page {
            mesh.0 = page.clone();
        }
    }
}
