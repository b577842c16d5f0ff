//! The world inspector (F7), closed by default. It is there to read: what it shows belongs to somebody else, and a
//! change past its owner (a chunk's entity despawned, a setting unvalidated) would break what the laws promise.

use std::any::TypeId;

use bevy::{
    ecs::{
        reflect::{ReflectComponent, ReflectResource},
        world::EntityRef,
    },
    prelude::*,
    reflect::TypeRegistry,
};
use bevy_egui::{EguiPrimaryContextPass, egui};
use bevy_inspector_egui::{DefaultInspectorConfigPlugin, reflect_inspector};

use super::{context::primary_context, pace::Paint};
use crate::{
    modes::InspectorOpen,
    streaming::{ChunkCoord, InChunk, StreamingMetrics, StreamingSettings},
};

/// Entities listed at once: more take longer than a frame has.
const ENTITIES_LISTED: usize = 2_000;

pub(super) fn plugin(app: &mut App) {
    if !app.is_plugin_added::<DefaultInspectorConfigPlugin>() {
        app.add_plugins(DefaultInspectorConfigPlugin);
    }
    app.register_type::<StreamingSettings>()
        .register_type::<StreamingMetrics>()
        .init_resource::<InspectorState>()
        .add_systems(
            EguiPrimaryContextPass,
            show_inspector.run_if(is_open).in_set(Paint),
        );
}

/// What the inspector remembers.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
struct InspectorState {
    /// Lists every entity, not only those of chunks.
    lists_all: bool,
    /// Words that a listed name must contain.
    search: String,
}

fn is_open(open: Option<Res<InspectorOpen>>) -> bool {
    open.is_some_and(|open| open.0)
}

fn show_inspector(world: &mut World) {
    let Some(ctx) = primary_context(world) else {
        return;
    };
    let place = ctx.content_rect();
    let mut is_open = true;
    let mut state = world.resource::<InspectorState>().clone();
    let entities = listed_entities(world, &state);
    egui::Window::new("World inspector (F7)")
        .id(egui::Id::new("world inspector"))
        .open(&mut is_open)
        .default_pos(place.right_top() + egui::vec2(-340.0, 8.0))
        .default_size([320.0, 420.0])
        .show(&ctx, |ui| {
            ui.spacing_mut().interact_size.x = 90.0;
            ui.spacing_mut().text_edit_width = 90.0;
            egui::ScrollArea::both().show(ui, |ui| sections(world, &entities, &mut state, ui));
        });
    world.resource_mut::<InspectorState>().set_if_neq(state);
    if !is_open && let Some(mut open) = world.get_resource_mut::<InspectorOpen>() {
        open.0 = false;
    }
}

/// Everything takes the world to read only, so nothing here can change it.
fn sections(
    world: &World,
    entities: &[(String, Entity)],
    state: &mut InspectorState,
    ui: &mut egui::Ui,
) {
    let registry = world.resource::<AppTypeRegistry>().read();
    ui.label("Read only: tune by the panel's sliders.");
    egui::CollapsingHeader::new("StreamingSettings")
        .default_open(true)
        .show(ui, |ui| {
            one_resource::<StreamingSettings>(world, &registry, ui);
        });
    egui::CollapsingHeader::new("StreamingMetrics")
        .default_open(true)
        .show(ui, |ui| {
            one_resource::<StreamingMetrics>(world, &registry, ui);
        });
    // Listing thousands of entities each frame is slow, so this stays closed until it is wanted.
    ui.collapsing("Entities", |ui| {
        ui.horizontal(|ui| {
            ui.checkbox(&mut state.lists_all, "all").on_hover_text(
                "Lists every entity of the world; otherwise those that belong to chunks.",
            );
            let label = ui.label("search");
            ui.add(egui::TextEdit::singleline(&mut state.search).hint_text("(3, -2)"))
                .labelled_by(label.id)
                .on_hover_text(
                    "Only names with all of these words; a chunk's entities carry its cell.",
                );
        });
        if entities.is_empty() {
            ui.label("— nothing of that name");
        }
        for (name, entity) in entities.iter().take(ENTITIES_LISTED) {
            egui::CollapsingHeader::new(name)
                .id_salt(entity)
                .show(ui, |ui| {
                    if let Ok(entity) = world.get_entity(*entity) {
                        components(world, entity, &registry, ui);
                    }
                });
        }
        let left_out = entities.len().saturating_sub(ENTITIES_LISTED);
        if left_out > 0 {
            ui.label(format!("and {left_out} more"));
        }
    });
    ui.collapsing("Resources", |ui| {
        for (name, id) in resources(&registry) {
            ui.collapsing(name, |ui| resource(world, id, &registry, ui));
        }
    });
}

fn one_resource<R: Resource + Reflect>(world: &World, registry: &TypeRegistry, ui: &mut egui::Ui) {
    match world.get_resource::<R>() {
        Some(resource) => {
            let value = resource.as_partial_reflect();
            reflect_inspector::ui_for_value_readonly(value, ui, registry);
        }
        None => {
            ui.label("not in this world");
        }
    }
}

fn resource(world: &World, id: TypeId, registry: &TypeRegistry, ui: &mut egui::Ui) {
    // A resource is a component of an entity of its own.
    let value = world
        .components()
        .get_id(id)
        .and_then(|component| world.resource_entities().get(component))
        .and_then(|entity| world.get_entity(entity).ok())
        .and_then(|entity| {
            registry
                .get_type_data::<ReflectComponent>(id)?
                .reflect(entity)
        });
    match value {
        Some(value) => {
            reflect_inspector::ui_for_value_readonly(value.as_partial_reflect(), ui, registry);
        }
        None => {
            ui.label("not in this world");
        }
    }
}

/// Every component of one entity; those without reflection by name only.
fn components(world: &World, entity: EntityRef, registry: &TypeRegistry, ui: &mut egui::Ui) {
    for component in entity.archetype().components() {
        let Some(info) = world.components().get_info(*component) else {
            continue;
        };
        let name = info.name().shortname().to_string();
        let value = info
            .type_id()
            .and_then(|id| registry.get_type_data::<ReflectComponent>(id))
            .and_then(|reflected| reflected.reflect(entity));
        match value {
            Some(value) => {
                egui::CollapsingHeader::new(name)
                    .id_salt((entity.id(), component))
                    .show(ui, |ui| {
                        let value = value.as_partial_reflect();
                        reflect_inspector::ui_for_value_readonly(value, ui, registry);
                    });
            }
            None => {
                ui.label(name);
            }
        }
    }
}

/// The entities to list: those of chunks with their cell, or all; in the order of their numbers.
fn listed_entities(world: &mut World, state: &InspectorState) -> Vec<(String, Entity)> {
    let words: Vec<String> = state
        .search
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut entities: Vec<_> = world
        .query::<(Entity, Option<&Name>, Option<&InChunk>)>()
        .iter(world)
        .filter(|(.., chunk)| state.lists_all || chunk.is_some())
        .map(|(entity, name, chunk)| (name_of(entity, name, chunk.map(|chunk| chunk.0)), entity))
        .filter(|(name, _)| {
            let name = name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        })
        .collect();
    entities.sort_unstable_by_key(|(_, entity)| *entity);
    entities
}

fn name_of(entity: Entity, name: Option<&Name>, chunk: Option<ChunkCoord>) -> String {
    match (name, chunk) {
        (Some(name), _) => format!("{name} ({entity})"),
        (None, Some(coord)) => format!("chunk {coord} ({entity})"),
        (None, None) => entity.to_string(),
    }
}

/// Every reflected resource but those shown above.
fn resources(registry: &TypeRegistry) -> Vec<(&'static str, TypeId)> {
    let shown = [
        TypeId::of::<StreamingSettings>(),
        TypeId::of::<StreamingMetrics>(),
    ];
    let mut resources: Vec<_> = registry
        .iter()
        .filter(|registration| registration.data::<ReflectResource>().is_some())
        .filter(|registration| !shown.contains(&registration.type_id()))
        .map(|registration| {
            (
                registration.type_info().type_path_table().short_path(),
                registration.type_id(),
            )
        })
        .collect();
    resources.sort_unstable_by_key(|(name, _)| *name);
    resources
}

#[cfg(test)]
mod tests {
    use egui_kittest::{Harness, kittest::Queryable};

    use super::*;

    #[test]
    fn settings_and_metrics_are_listed_once() {
        let mut registry = TypeRegistry::default();
        registry.register::<StreamingSettings>();
        registry.register::<StreamingMetrics>();
        registry.register::<ClearColor>();
        let names: Vec<_> = resources(&registry)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["ClearColor"]);
    }

    #[test]
    fn entities_and_resources_are_there_to_read() {
        let mut world = World::new();
        let registry = AppTypeRegistry::default();
        registry.write().register::<Name>();
        registry.write().register::<Transform>();
        registry.write().register::<ClearColor>();
        world.insert_resource(registry);
        world.init_resource::<ClearColor>();
        world.spawn((
            Name::new("a chunk"),
            InChunk(ChunkCoord::new(3, -2)),
            Transform::from_xyz(4.0, 0.0, 0.0),
        ));
        let entities = listed_entities(&mut world, &InspectorState::default());
        let chunk = entities
            .iter()
            .find(|(name, _)| name.starts_with("a chunk"))
            .expect("it was spawned")
            .0
            .clone();
        let mut harness = Harness::builder()
            .with_size(egui::vec2(600.0, 1_200.0))
            .build_ui(|ui| sections(&world, &entities, &mut InspectorState::default(), ui));
        for header in ["Entities", &chunk, "Transform", "Resources", "ClearColor"] {
            harness.get_by_label(header).click();
            harness.run();
        }
        // Its value: the translation of the entity.
        assert!(
            harness.query_all_by_label_contains("translation").count() > 0,
            "the component is shown"
        );
        drop(harness);
        let mut chunks = world.query::<&Transform>();
        let chunk = chunks.single(&world).expect("it is still there");
        assert_eq!(*chunk, Transform::from_xyz(4.0, 0.0, 0.0));
    }

    #[test]
    fn only_chunks_are_listed_until_somebody_asks_for_all() {
        let mut world = World::new();
        world.spawn(InChunk(ChunkCoord::new(3, -2)));
        world.spawn(InChunk(ChunkCoord::new(4, 0)));
        world.spawn(Name::new("sun"));
        let mut count = |lists_all, search: &str| {
            let state = InspectorState {
                lists_all,
                search: search.to_owned(),
            };
            let listed = listed_entities(&mut world, &state);
            listed.len()
        };
        assert_eq!(count(false, ""), 2);
        assert_eq!(count(false, "chunk (3,"), 1);
        assert_eq!(count(true, "SUN"), 1);
        assert!(count(true, "") >= 3);
    }
}
