//! The form of one saved delta: a head that says whose it is, a checksum, and the delta's own bytes.
//!
//! ```text
//!  0        8        12            16     24              32   36   40       48         80
//!  magic    format   delta version seed   chunk_size_m    x    z    length   BLAKE3     bytes …
//!  RRDELTA\n u32     u32           u64    f64             i32  i32  u64      of all     length
//!                                                                            the rest
//! ```
//! Little-endian. The checksum covers head and bytes, so no part of either can change unseen.

use super::chunk_store::{StorePlace, StoreWorld, StoredDelta};
use crate::logic::coord::ChunkCoord;

const MAGIC: [u8; 8] = *b"RRDELTA\n";
const FORMAT: u32 = 1;
const BEFORE_CHECKSUM: usize = 48;
/// Bytes in front of the delta's own.
pub(super) const HEAD: usize = BEFORE_CHECKSUM + blake3::OUT_LEN;

/// The bytes of a file.
pub(super) fn encode(place: &StorePlace, delta: &StoredDelta) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEAD + delta.bytes.len());
    file.extend(MAGIC);
    file.extend(FORMAT.to_le_bytes());
    file.extend(delta.version.to_le_bytes());
    file.extend(place.world.seed().to_le_bytes());
    file.extend(place.world.chunk_size_m().to_le_bytes());
    file.extend(place.coord.x.to_le_bytes());
    file.extend(place.coord.z.to_le_bytes());
    file.extend((delta.bytes.len() as u64).to_le_bytes());
    let checksum = checksum(&file, &delta.bytes);
    file.extend(checksum);
    file.extend(&delta.bytes);
    file
}

fn checksum(head: &[u8], bytes: &[u8]) -> [u8; blake3::OUT_LEN] {
    *blake3::Hasher::new()
        .update(head)
        .update(bytes)
        .finalize()
        .as_bytes()
}

/// The delta in a file, if it is whole and belongs to this place.
pub(super) fn decode(place: &StorePlace, file: &[u8]) -> Result<StoredDelta, String> {
    let Some((head, bytes)) = file.split_at_checked(HEAD) else {
        return Err(format!(
            "it is torn: {} bytes, of which the head alone takes {HEAD}",
            file.len()
        ));
    };
    let (said, sum) = head.split_at(BEFORE_CHECKSUM);
    let mut reader = Reader(said);
    if reader.take::<8>() != MAGIC {
        return Err("it is no file of changes".to_owned());
    }
    let format = u32::from_le_bytes(reader.take());
    if format != FORMAT {
        return Err(format!(
            "it has format {format}, and this game reads format {FORMAT}"
        ));
    }
    let version = u32::from_le_bytes(reader.take());
    let world = StoreWorld::new(
        u64::from_le_bytes(reader.take()),
        f64::from_le_bytes(reader.take()),
    );
    let coord = ChunkCoord::new(
        i32::from_le_bytes(reader.take()),
        i32::from_le_bytes(reader.take()),
    );
    let length = u64::from_le_bytes(reader.take());
    if length != bytes.len() as u64 {
        return Err(format!(
            "it is torn: {length} bytes are announced, {} are there",
            bytes.len()
        ));
    }
    if checksum(said, bytes) != sum {
        return Err("its checksum is wrong".to_owned());
    }
    if world != place.world {
        return Err(format!(
            "it belongs to the world with seed {} and chunks of {} m, not to seed {} with {} m",
            world.seed(),
            world.chunk_size_m(),
            place.world.seed(),
            place.world.chunk_size_m()
        ));
    }
    if coord != place.coord {
        return Err(format!("it belongs to chunk {coord}"));
    }
    Ok(StoredDelta {
        version,
        bytes: bytes.to_owned(),
    })
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self
            .0
            .split_first_chunk()
            .expect("the fields of the head are as long as the head");
        self.0 = rest;
        *first
    }
}
