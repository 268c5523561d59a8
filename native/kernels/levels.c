#include "levels.h"

#include <math.h>

#include "journal.h"

typedef double pair __attribute__((vector_size(16))); /* left, right */

static const double LOUDEST = 1e8; /* +80 dBFS: no programme */
_Static_assert(sizeof(levels_bin) == LEVELS_BIN_DOUBLES * sizeof(double), "a bin is a record of doubles");
_Static_assert(sizeof(levels_block) == LEVELS_BLOCK_DOUBLES * sizeof(double), "a block is a record of doubles");

void levels_design(levels_coefs *coefs, const stream_format *format) {
  double rate = format->sample_rate_hz;
  coefs->bin_frames = (uint32_t)lround(rate / 100);
  coefs->block_frames = (uint32_t)lround(3 * (rate == 44100 ? 44160 : rate));
}

static void forget_pending(levels *state) {
  for (int side = 0; side < 2; side++) state->power[side] = state->sum[side] = state->square_max[side] = 0;
  state->product = 0;
  state->pending_frames = 0;
}

static void begin_bin(levels *state) {
  state->bin = (levels_bin){.product = 0};
  state->true_peak[0] = state->true_peak[1] = state->weighted = 0;
  state->bin_filled_frames = 0;
}

static void begin_block(levels *state) {
  state->block = (levels_block){.power = {0, 0}};
  state->block_filled_frames = 0;
}

void levels_reset(levels *state) {
  forget_pending(state);
  begin_bin(state);
  begin_block(state);
  __atomic_store_n(&state->bins, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&state->blocks, 0, __ATOMIC_RELEASE);
}

static double larger(double a, double b) { return a > b ? a : b; }

/* What has gathered goes into the bin and the block that hold it. */
static void fold(levels *state) {
  if (state->power[0] + state->power[1] <= LOUDEST * state->pending_frames) { /* false for NaN */
    for (int side = 0; side < 2; side++) {
      state->bin.power[side] += state->power[side];
      state->bin.mean[side] += state->sum[side];
      state->block.power[side] += state->power[side];
      state->block.peak[side] = larger(state->square_max[side], state->block.peak[side]); /* squared until posted */
    }
    state->bin.product += state->product;
  }
  forget_pending(state);
}

static void post_bin(levels *state, uint32_t frames) {
  levels_bin *bin = &state->bin;
  for (int side = 0; side < 2; side++) {
    bin->power[side] /= frames, bin->mean[side] /= frames;
    bin->true_peak[side] = state->true_peak[side];
  }
  bin->product /= frames;
  bin->weighted = state->weighted;
  journal_post(state->bin_journal, &state->bins, LEVELS_JOURNAL_BINS, LEVELS_BIN_DOUBLES, bin->power);
  begin_bin(state);
}

static void post_block(levels *state, uint32_t frames) {
  levels_block *block = &state->block;
  for (int side = 0; side < 2; side++) block->power[side] /= frames, block->peak[side] = sqrt(block->peak[side]);
  journal_post(state->block_journal, &state->blocks, LEVELS_JOURNAL_BLOCKS, LEVELS_BLOCK_DOUBLES, block->power);
  begin_block(state);
}

static void gather(levels *state, const double *left, const double *right, uint32_t frames) {
  pair power = {state->power[0], state->power[1]}, sum = {state->sum[0], state->sum[1]};
  double product = state->product, most_left = state->square_max[0], most_right = state->square_max[1];
  for (uint32_t n = 0; n < frames; n++) {
    pair x = {left[n], right[n]}, square = x * x;
    power += square;
    sum += x;
    product += left[n] * right[n];
    most_left = square[0] > most_left ? square[0] : most_left;
    most_right = square[1] > most_right ? square[1] : most_right;
  }
  for (int side = 0; side < 2; side++) state->power[side] = power[side], state->sum[side] = sum[side];
  state->product = product, state->square_max[0] = most_left, state->square_max[1] = most_right;
  state->pending_frames += frames;
}

static uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

void levels_process(levels *state, const levels_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  while (frames) {
    uint32_t room = lesser(coefs->bin_frames - state->bin_filled_frames, coefs->block_frames - state->block_filled_frames);
    uint32_t now = lesser(frames, room);
    gather(state, left, right, now);
    left += now, right += now, frames -= now;
    state->bin_filled_frames += now, state->block_filled_frames += now;
    if (now == room) fold(state);
    if (state->bin_filled_frames == coefs->bin_frames) post_bin(state, coefs->bin_frames);
    if (state->block_filled_frames == coefs->block_frames) post_block(state, coefs->block_frames);
  }
}

uint32_t levels_collect_bins(const levels *state, uint64_t *from, levels_bin *bins, uint32_t most, uint64_t *lost) {
  return journal_collect(state->bin_journal, &state->bins, LEVELS_JOURNAL_BINS, LEVELS_BIN_DOUBLES, from, bins->power, most,
                         lost);
}

uint32_t levels_collect_blocks(const levels *state, uint64_t *from, levels_block *blocks, uint32_t most, uint64_t *lost) {
  return journal_collect(state->block_journal, &state->blocks, LEVELS_JOURNAL_BLOCKS, LEVELS_BLOCK_DOUBLES, from, blocks->power,
                         most, lost);
}
