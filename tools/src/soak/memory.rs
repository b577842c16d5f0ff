//! How much memory the process holds, and how much of it is in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of the process in memory; `None` where the system does not tell them in a file.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// Bytes that were allocated and not freed; `None` in a program without [`CountingAllocator`].
pub fn heap_bytes() -> Option<u64> {
    let in_use = IN_USE.load(Ordering::Relaxed) as u64;
    (in_use > 0).then_some(in_use)
}

/// The system's allocator with one counter. What a process holds in memory says little about growth: with
/// the same 72 MiB of city loaded it was measured between 137 and 229 MiB, by how much of its freed memory
/// the allocator happened to keep. What is in use is exact.
#[derive(Copy, Clone, Debug, Default)]
pub struct CountingAllocator;

#[expect(
    unsafe_code,
    reason = "counting what is in use needs an allocator of our own, and its trait is unsafe"
)]
// SAFETY: each call goes on to the system's allocator with the arguments as they came, so its caller's
// promises are the ones that we were given, and what it returns is returned unchanged. The counter is an
// atomic in a static; counting neither allocates nor touches the blocks.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        counted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        counted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: see above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: see above.
        let moved = counted(unsafe { System.realloc(block, layout, new_size) }, new_size);
        if !moved.is_null() {
            IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        moved
    }
}

fn counted(block: *mut u8, size: usize) -> *mut u8 {
    if !block.is_null() {
        IN_USE.fetch_add(size, Ordering::Relaxed);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "the trait under test is unsafe")]
    fn what_is_freed_is_no_longer_in_use_and_what_grows_counts_as_it_grows() {
        let allocator = CountingAllocator;
        let of = |size| Layout::from_size_align(size, 8).expect("a legal layout");
        assert_eq!(
            heap_bytes(),
            None,
            "this test does not run under the allocator"
        );
        // SAFETY: every block is freed once, with the layout that it has by then.
        unsafe {
            let first = allocator.alloc(of(100));
            let second = allocator.alloc_zeroed(of(50));
            assert_eq!((heap_bytes(), *second.add(49)), (Some(150), 0));
            let first = allocator.realloc(first, of(100), 400);
            assert_eq!(heap_bytes(), Some(450));
            allocator.dealloc(second, of(50));
            allocator.dealloc(first, of(400));
        }
        assert_eq!(heap_bytes(), None);
    }

    #[test]
    fn the_system_tells_what_the_process_holds() {
        assert!(!cfg!(target_os = "linux") || resident_bytes() > Some(1 << 20));
    }
}
