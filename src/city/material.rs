//! The one material of everything that is drawn of the city and its sky: what differs is the finish.

use bevy::asset::{Asset, Handle, uuid_handle};
use bevy::ecs::system::SystemParamItem;
use bevy::ecs::system::lifetimeless::SRes;
use bevy::material::AlphaMode;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey};
use bevy::reflect::TypePath;
use bevy::render::render_resource::{
    AsBindGroup, AsBindGroupError, BindGroupLayout, BindGroupLayoutEntry, BindingResources,
    BindingType, BufferBindingType, OwnedBindingResource, RenderPipelineDescriptor, ShaderStages,
    ShaderType, SpecializedMeshPipelineError, UnpreparedBindGroup,
};
use bevy::render::renderer::RenderDevice;
use bevy::shader::{Shader, ShaderRef};

use super::illumination::{Illumination, IlluminationBuffer};
use super::palette::Shading;

const SKY_LIBRARY: Handle<Shader> = uuid_handle!("5c1f7a52-6d0c-4c55-8e35-0c7a5a1f9b01");
const SURFACE: Handle<Shader> = uuid_handle!("5c1f7a52-6d0c-4c55-8e35-0c7a5a1f9b02");
const WATER: Handle<Shader> = uuid_handle!("5c1f7a52-6d0c-4c55-8e35-0c7a5a1f9b03");
const DOME: Handle<Shader> = uuid_handle!("5c1f7a52-6d0c-4c55-8e35-0c7a5a1f9b04");
const RAIN: Handle<Shader> = uuid_handle!("5c1f7a52-6d0c-4c55-8e35-0c7a5a1f9b05");

/// Handle, source and name of every shader. They are part of the program: no folder of assets need be there.
pub(super) const SHADERS: &[(Handle<Shader>, &str, &str)] = &[
    (
        SKY_LIBRARY,
        include_str!("../../assets/shaders/sky.wgsl"),
        "sky.wgsl",
    ),
    (
        SURFACE,
        include_str!("../../assets/shaders/surface.wgsl"),
        "surface.wgsl",
    ),
    (
        WATER,
        include_str!("../../assets/shaders/water.wgsl"),
        "water.wgsl",
    ),
    (
        DOME,
        include_str!("../../assets/shaders/dome.wgsl"),
        "dome.wgsl",
    ),
    (
        RAIN,
        include_str!("../../assets/shaders/rain.wgsl"),
        "rain.wgsl",
    ),
];

/// What a [`CityMaterial`] is laid on.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Finish {
    /// Buildings, roads, plants: everything that is solid.
    Surface,
    /// Rivers: a level surface with ripples.
    Water,
    /// The inside of a sphere around the eye.
    Sky,
    /// Falling drops around the eye.
    Rain,
}

/// The material of city and sky. Its colours come from the vertices, its light from [`Illumination`].
#[derive(Asset, TypePath, Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct CityMaterial {
    /// What it is laid on.
    pub finish: Finish,
    /// How much it may cost.
    pub shading: Shading,
}

impl AsBindGroup for CityMaterial {
    type Data = Self;
    type Param = SRes<IlluminationBuffer>;

    fn label() -> &'static str {
        "city material"
    }

    fn bind_group_data(&self) -> Self {
        *self
    }

    fn unprepared_bind_group(
        &self,
        _: &BindGroupLayout,
        _: &RenderDevice,
        light: &mut SystemParamItem<'_, '_, Self::Param>,
        _: bool,
    ) -> Result<UnpreparedBindGroup, AsBindGroupError> {
        let buffer = light.buffer().ok_or(AsBindGroupError::RetryNextUpdate)?;
        Ok(UnpreparedBindGroup {
            bindings: BindingResources(vec![(0, OwnedBindingResource::Buffer(buffer.clone()))]),
        })
    }

    fn bind_group_layout_entries(_: &RenderDevice, _: bool) -> Vec<BindGroupLayoutEntry> {
        vec![BindGroupLayoutEntry {
            binding: 0,
            visibility: ShaderStages::VERTEX_FRAGMENT,
            ty: BindingType::Buffer {
                ty: BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: Some(Illumination::min_size()),
            },
            count: None,
        }]
    }
}

impl Material for CityMaterial {
    fn vertex_shader() -> ShaderRef {
        SURFACE.into()
    }

    fn fragment_shader() -> ShaderRef {
        SURFACE.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        match self.finish {
            Finish::Surface | Finish::Water => AlphaMode::Opaque,
            // The sky comes after what is solid, so that nothing is drawn behind houses.
            Finish::Sky | Finish::Rain => AlphaMode::Blend,
        }
    }

    fn depth_bias(&self) -> f32 {
        match self.finish {
            // Its middle is the eye; it is still behind all drops.
            Finish::Sky => -1e6,
            Finish::Surface | Finish::Water | Finish::Rain => 0.0,
        }
    }

    fn specialize(
        _: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        let CityMaterial { finish, shading } = key.bind_group_data;
        // Shadow passes bring shaders of their own.
        if descriptor.vertex.shader != SURFACE {
            return Ok(());
        }
        let shader = match finish {
            Finish::Surface => SURFACE,
            Finish::Water => WATER,
            Finish::Sky => DOME,
            Finish::Rain => RAIN,
        };
        descriptor.vertex.shader = shader.clone();
        if shading == Shading::Lit {
            descriptor.vertex.shader_defs.push("RICH".into());
        }
        if let Some(fragment) = &mut descriptor.fragment {
            fragment.shader = shader;
            if shading == Shading::Lit {
                fragment.shader_defs.push("RICH".into());
            }
            if finish == Finish::Sky {
                // It covers all there is behind it.
                for target in fragment.targets.iter_mut().flatten() {
                    target.blend = None;
                }
            }
        }
        if matches!(finish, Finish::Sky | Finish::Rain) {
            descriptor.primitive.cull_mode = None;
        }
        Ok(())
    }
}
