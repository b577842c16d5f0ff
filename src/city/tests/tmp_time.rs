use super::super::plan::{ChunkPlan, Scope, frame::Frame, skyline::SkylinePlan};
use crate::streaming::{ChunkCoord, StopToken};
use std::time::Instant;
#[test]
fn tmp_time() {
    let stop = StopToken::never();
    let mut t = [0.0f64; 8];
    for _ in 0..3 {
        for k in 0..100 {
            let (seed, x, z) = (1 + k as u64 % 2, (k % 10) * 5 - 23, (k / 10) * 5 - 22);
            let c = ChunkCoord::new(x, z);
            let mut go = |n: usize, f: &mut dyn FnMut()| {
                let s = Instant::now();
                f();
                t[n] += s.elapsed().as_secs_f64() * 1e3 / 300.0;
            };
            go(0, &mut || {
                std::hint::black_box(Frame::new(seed, c, 200.0));
            });
            go(1, &mut || {
                std::hint::black_box(SkylinePlan::new(seed, c, 200.0, &stop).unwrap());
            });
            let sp = SkylinePlan::new(seed, c, 200.0, &stop).unwrap();
            go(2, &mut || {
                std::hint::black_box(super::super::build::skyline(&sp).mesh.count());
            });
            go(3, &mut || {
                std::hint::black_box(
                    ChunkPlan::new(seed, c, 200.0, Scope::FromAfar, &stop).unwrap(),
                );
            });
            let p = ChunkPlan::new(seed, c, 200.0, Scope::FromAfar, &stop).unwrap();
            go(4, &mut || {
                std::hint::black_box(
                    super::super::build::massing(&p, &stop)
                        .unwrap()
                        .mesh
                        .count(),
                );
            });
            let p = ChunkPlan::new(seed, c, 200.0, Scope::Everything, &stop).unwrap();
            go(5, &mut || {
                std::hint::black_box(super::super::build::full(&p, &stop).unwrap().mesh.count());
            });
            go(6, &mut || {
                std::hint::black_box(super::super::CityCollision::new(&p));
            });
        }
    }
    println!(
        "TIME frame {:.4} skyplan {:.4} skybuild {:.4} plan {:.4} massing {:.4} full {:.4} coll {:.4}",
        t[0], t[1], t[2], t[3], t[4], t[5], t[6]
    );
}
