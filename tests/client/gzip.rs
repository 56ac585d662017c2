//! Just enough of gzip (RFC 1951, RFC 1952) to write what a server might send.

const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The text in one stored block.
pub(crate) fn stored(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut out = HEADER.to_vec();
    out.push(1);
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(text);
    out.extend(crc32(text).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

/// About `size` times the same byte, which must be below 144, and no end.
pub(crate) fn repeated(byte: u8, size: usize) -> Vec<u8> {
    let mut bits = Bits { out: HEADER.to_vec(), filled: 8 };
    // The last block, with the fixed code.
    bits.push(0b011, 3);
    bits.code(0x30 + u16::from(byte), 8);
    for _ in 0..size / 258 {
        // Length 258 is symbol 285, an eight-bit code; distance 1 is symbol 0, a five-bit code.
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    bits.out
}

struct Bits {
    out: Vec<u8>,
    filled: u32,
}

impl Bits {
    /// Numbers go in from their lowest bit.
    fn push(&mut self, value: u16, count: u32) {
        for at in 0..count {
            if self.filled == 8 {
                self.out.push(0);
                self.filled = 0;
            }
            if let Some(last) = self.out.last_mut() {
                *last |= u8::from(value >> at & 1 == 1) << self.filled;
            }
            self.filled += 1;
        }
    }

    /// Huffman codes go in from their highest bit.
    fn code(&mut self, value: u16, count: u32) {
        self.push(value.reverse_bits() >> (16 - count), count);
    }
}

fn crc32(text: &[u8]) -> u32 {
    !text.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
