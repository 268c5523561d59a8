/* engine.h - the chain with everything a live callback needs around it: mailboxes, guards, meters, counters, rings.
 *
 * Memory is the caller's (engine_size, engine_init); it must outlive every host that was ever attached. Audio-thread functions
 * allocate nothing, lock nothing, call no system call and never wait. Control functions are for one control thread. */
#pragma once
#include <stddef.h>

#include "bridge.h"
#include "chain.h"
#include "measuring.h"

enum { ENGINE_HISTOGRAM_BINS = 32 };        /* block time in steps of 5 % of the block's period; the last bin is all above */
enum { ENGINE_RING_FRAMES = 1 << 19 };      /* 10.9 s at 48 kHz, 2.7 s at 192 kHz */
enum { POINT_INPUT, POINT_OUTPUT, ENGINE_POINTS };
enum { SOURCE_DEVICE, SOURCE_PLAYER };
enum { TAP_INPUT, TAP_OUTPUT, ENGINE_TAPS }; /* as it comes in; as it leaves */
enum { ENGINE_ORDERS = 1 << 12, ENGINE_ORDER_DOUBLES = 4 };
enum { ORDER_COEFS, ORDER_GATE };

typedef struct engine engine;

typedef struct {
  double sample_peak[2];   /* linear, largest since the last collection */
  double true_peak[2];     /* linear, largest since the last collection */
  double mean_square[2];   /* over all frames since the last collection */
} engine_point_meters;

typedef struct {
  uint64_t frames;               /* processed since engine_init */
  uint64_t blocks;
  uint64_t late_blocks;          /* took longer than the block lasts */
  uint64_t xruns;                /* reported by the host */
  uint64_t refused_blocks;       /* called by an abandoned host, or while another call ran: answered with silence */
  uint64_t nonfinite_samples;    /* NaN and Inf at the input, replaced by 0 */
  uint64_t clamped_samples;      /* above +24 dBFS at the input, held there */
  uint64_t player_dry_frames;    /* the player's ring had nothing: silence */
  uint64_t tap_lost_frames[ENGINE_TAPS]; /* the ring was full */
  uint64_t applied_serial;       /* the newest coefs taken */
  uint64_t applied_frame;        /* and the frame at whose block they were */
  uint64_t longest_ns;           /* longest block since engine_init */
  uint64_t total_ns;             /* all blocks since engine_init */
  uint64_t histogram[ENGINE_HISTOGRAM_BINS];
  uint32_t block_frames;         /* of the last block */
  /* reductions: largest since the last collection, >= 0 */
  double multiband_reduction_db[MULTIBAND_BANDS][2];
  double compressor_reduction_db[2];
  double clipper_reduction_db;
  double limiter_reduction_db;
  double agc_gain_db[2]; /* bass, master: of the last block */
  int32_t agc_frozen;    /* of the last block: its gate holds */
  double eq_offset_db[EQ_BANDS]; /* what each dynamic band added to its gain at the end of the last block, signed */
  engine_point_meters point[ENGINE_POINTS];
} engine_meters;

/* ---- control thread ---- */
size_t engine_size(void);
/* `memory`: engine_size() bytes, aligned to 64. No host may be running. The gate is closed. */
engine *engine_init(void *memory, const stream_format *format, const chain_params *params);
uint32_t engine_latency_frames(const engine *engine);
void engine_recall_agc(engine *engine, const double gain_db[2]); /* before the first host: the leveller begins with these */
/* Designs the coefs and leaves them for the next block, which ramps there. Returns the serial. Newest wins. */
uint64_t engine_publish(engine *engine, const chain_params *params, uint32_t ramp_frames);
/* Makes the caller the only host that is served; hosts with older tokens get silence from now on. 0: the old host's block is still
 * running; try again a moment later. Never waits. */
uint64_t engine_attach(engine *engine);
void engine_gate(engine *engine, int32_t open, uint32_t fade_frames); /* fades the output in or out */
int32_t engine_gate_settled(const engine *engine);                     /* 1 when the fade is over */
uint64_t engine_blocks(const engine *engine);                          /* liveness: any thread */
uint64_t engine_audio_thread(const engine *engine); /* pthread_t of the last caller, 0 before the first block */
/* Copies the meters; 1 if there is anything new since the last time. The peaks start again. */
int32_t engine_collect(engine *engine, engine_meters *meters);
/* What a measuring point has journalled, for loudness_collect, levels_collect_... and spectrum_collect: any one thread each. */
const loudness *engine_loudness(const engine *engine, int32_t point);
const levels *engine_levels(const engine *engine, int32_t point);
const spectrum *engine_spectrum(const engine *engine, int32_t point);
void engine_source(engine *engine, int32_t source);
/* Any thread. In place of the device's input: what comes over a bridge, whose reader the engine is, until NULL; a player goes before it. */
void engine_hear(engine *engine, bridge *bridge);
/* Any thread. What leaves is also written into a bridge, whose writer the engine is, until NULL. Both outlive the engine. */
void engine_feed(engine *engine, bridge *bridge);
/* Off, both measuring points rest and cost nothing: for a file that is measured elsewhere. On at first. */
void engine_metering(engine *engine, int32_t on);
uint32_t engine_player_write(engine *engine, const float *interleaved, uint32_t frames); /* returns frames taken */
uint32_t engine_player_waiting(const engine *engine); /* frames written and not played yet; the writing thread */
/* Copies of what passes, float32: TAP_INPUT before the guard. Off at first. One reading thread per tap; returns frames given. */
void engine_tap(engine *engine, int32_t at, int32_t on);
uint32_t engine_tap_read(engine *engine, int32_t at, float *interleaved, uint32_t most_frames);
/* What the audio thread was told and at which frame it did it, oldest first: frame, kind, and for ORDER_COEFS the serial and 0, for
 * ORDER_GATE open and fade_frames. One reading thread; `from` and `lost` as journal_collect has them. Returns records. */
uint32_t engine_orders(const engine *engine, uint64_t *from, double *records, uint32_t most, uint64_t *lost);

/* ---- audio thread ---- */
void engine_process_interleaved(engine *engine, uint64_t token, const float *pairs_in, float *pairs_out, uint32_t frames);
void engine_process_planar(engine *engine, uint64_t token, const float *left_in, const float *right_in, float *left_out,
                           float *right_out, uint32_t frames);
void engine_process_double(engine *engine, uint64_t token, double *left, double *right, uint32_t frames); /* in place: files */
/* The same in two halves, for files: something else does the equaliser's work between them. Never with the chain bypassed. */
void engine_process_before_eq(engine *engine, uint64_t token, double *left, double *right, uint32_t frames);
void engine_process_after_eq(engine *engine, uint64_t token, double *left, double *right, uint32_t frames);
void engine_xrun(engine *engine); /* any audio thread */
