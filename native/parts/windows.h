/* windows.h - what sliding_max.h, box.h and delay_line.h remember; apart from them so that a bound state can hold it. */
#pragma once
#include <stdint.h>

enum { WINDOW_BLOCK_FRAMES = 64 }; /* blocks end where the frame counter is a multiple of this, at the latest */
enum { SLIDING_LEVELS = 14 };      /* windows up to 2^14 - 1 frames: 85 ms at 192 kHz */
enum { SLIDING_SMALL_LEVELS = 7, SLIDING_SMALL_FRAMES = 128 };
enum { SLIDING_FLOATS = 7 * 128 + 32768 - 256 + 14 * 64 };
enum { BOX_FRAMES = 512 };         /* power of two, longer than the longest box */
enum { DELAY_FRAMES = 2048 };      /* power of two, longer than the longest delay and one block */

typedef struct {
  float ring[SLIDING_FLOATS];
} sliding_max;

typedef struct {
  int64_t sum;
  int64_t ring[BOX_FRAMES];
} box;

typedef struct {
  double ring[DELAY_FRAMES + WINDOW_BLOCK_FRAMES];
} delay_line;
