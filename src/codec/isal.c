/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zlib streams by ISA-L's igzip: the fastest of the three at levels 0 and 1.
 *
 * Its assembly for x86_64 has a flaw (2.30: isal_deflate_icf_body_hash_hist_01, _02 and _04, which
 * levels 1 and 2 run in): for the third byte of a page it hashes a register that holds the address
 * of the stream in place of the data, so that one entry of the hash table lies where bits 16 to 47
 * of that address say.  Candidates are compared, so nothing is ever wrong; but in one page of some
 * thousands another match is taken, and which page that is changes from run to run.  Therefore
 * streams are put at addresses that all have one hash (rule 9: the same bytes).
 *
 * Level 3 gives other bytes on a CPU with AVX-512 than on one with AVX2, and others again on one
 * without, and is no faster than libdeflate: it is not offered.
 */
#include "codec/codec.h"

#ifdef HAVE_ISAL

#include <isa-l.h>
#include <sys/mman.h>
#define ISAL_TEXT_(x) #x
#define ISAL_TEXT(x)  ISAL_TEXT_(x)

/* Of STREAM_PLACES addresses in steps of 64 KiB, from a multiple of all of them, one has any hash
 * that one likes: CRC-32C is linear.  The largest of the tables, of level 2, has 2^15 entries. */
#define STREAM_STEP   ((uintptr_t)1 << 16)
#define STREAM_PLACES ((uintptr_t)1 << 15)
#define STREAM_SPAN   (STREAM_PLACES * STREAM_STEP)
#define STREAM_HASH   0x1234

/* Whole pages of any host. */
#define STREAM_SIZE ((sizeof(struct isal_zstream) + STREAM_STEP - 1) / STREAM_STEP * STREAM_STEP)

struct isal_encoder {
	struct isal_zstream *stream;
	int level;
	uint32_t level_buffer_size;
	uint8_t level_buffer[];
};

static const char *isal_describe(void)
{
	return "ISA-L " ISAL_TEXT(ISAL_MAJOR_VERSION) "." ISAL_TEXT(
		ISAL_MINOR_VERSION) "." ISAL_TEXT(ISAL_PATCH_VERSION);
}

static uint32_t isal_level_buffer_size(int level)
{
	static const uint32_t sizes[] = {
		ISAL_DEF_LVL0_DEFAULT,
		ISAL_DEF_LVL1_DEFAULT,
		ISAL_DEF_LVL2_DEFAULT,
	};

	return sizes[level];
}

static size_t isal_encoder_memory(int level)
{
	return sizeof(struct isal_encoder) + STREAM_SIZE + isal_level_buffer_size(level);
}

#if UINTPTR_MAX > UINT32_MAX
/* CRC-32C of four bytes without inversions, as the instruction of x86_64 does it. */
static uint32_t isal_hash(uint32_t value)
{
	for (unsigned int bit = 0; bit < 32; bit++)
		value = value >> 1 ^ (value & 1 ? 0x82f63b78 : 0);
	return value % STREAM_PLACES;
}

static uintptr_t stream_place(uintptr_t start)
{
	uintptr_t place = (start + STREAM_SPAN - 1) / STREAM_SPAN * STREAM_SPAN;

	while (isal_hash((uint32_t)(place >> 16)) != STREAM_HASH)
		place += STREAM_STEP;
	return place;
}

/* Takes 4 GiB of addresses, and gives all back but those of the stream. */
static struct vmc_error *stream_create(struct isal_zstream **ret_stream)
{
	size_t room = 2 * STREAM_SPAN + STREAM_SIZE;
	uint8_t *start =
		mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED)
		return error_nomem();

	size_t before = stream_place((uintptr_t)start) - (uintptr_t)start;
	uint8_t *stream = start + before;

	if (before)
		munmap(start, before);
	munmap(stream + STREAM_SIZE, room - before - STREAM_SIZE);
	if (mprotect(stream, STREAM_SIZE, PROT_READ | PROT_WRITE) < 0) {
		munmap(stream, STREAM_SIZE);
		return error_nomem();
	}
	*ret_stream = (void *)stream;
	return NULL;
}
#else
static struct vmc_error *stream_create(struct isal_zstream **ret_stream)
{
	void *stream =
		mmap(NULL, STREAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stream == MAP_FAILED)
		return error_nomem();
	*ret_stream = stream;
	return NULL;
}
#endif

static void isal_encoder_destroy(void *context)
{
	struct isal_encoder *encoder = context;

	if (encoder)
		munmap(encoder->stream, STREAM_SIZE);
	free(encoder);
}

static struct vmc_error *isal_encoder_create(int level, void **ret_encoder)
{
	_cleanup_free_ struct isal_encoder *encoder =
		calloc(1, sizeof(*encoder) + isal_level_buffer_size(level));

	if (!encoder)
		return error_nomem();
	TRY(stream_create(&encoder->stream));
	encoder->level = level;
	encoder->level_buffer_size = isal_level_buffer_size(level);
	*ret_encoder = take_ptr(encoder);
	return NULL;
}

static size_t isal_encode(void *context, const void *input, size_t size, void *output,
			  size_t wanted)
{
	struct isal_encoder *encoder = context;
	struct isal_zstream *stream = encoder->stream;

	isal_deflate_stateless_init(stream);
	stream->gzip_flag = IGZIP_ZLIB;
	stream->level = (uint32_t)encoder->level;
	stream->level_buf = encoder->level_buffer;
	stream->level_buf_size = encoder->level_buffer_size;
	stream->end_of_stream = 1;
	stream->flush = NO_FLUSH;
	stream->next_in = (uint8_t *)(uintptr_t)input; /* not written to */
	stream->avail_in = (uint32_t)size;
	stream->next_out = output;
	stream->avail_out = (uint32_t)wanted;
	if (isal_deflate_stateless(stream) != COMP_OK || stream->avail_in)
		return 0;
	return stream->total_out;
}

static struct vmc_error *isal_decoder_create(void **ret_decoder)
{
	*ret_decoder = calloc(1, sizeof(struct inflate_state));
	return *ret_decoder ? NULL : error_nomem();
}

static void isal_decoder_destroy(void *decoder)
{
	free(decoder);
}

/* As with zlib, bytes behind the end of the stream are let pass. */
static struct vmc_error *isal_decode(void *decoder, const void *input, size_t size, void *output,
				     size_t output_size)
{
	struct inflate_state *state = decoder;

	isal_inflate_init(state);
	state->crc_flag = ISAL_ZLIB;
	state->next_in = (uint8_t *)(uintptr_t)input; /* not written to */
	state->avail_in = (uint32_t)size;
	state->next_out = output;
	state->avail_out = (uint32_t)output_size;

	int status = isal_inflate_stateless(state);

	if (status == ISAL_OUT_OVERFLOW)
		return error_create(VMC_ERR_CORRUPT, "isal: the stream gives more than %zu bytes",
				    output_size);
	if (status != ISAL_DECOMP_OK || state->block_state != ISAL_BLOCK_FINISH)
		return error_create(VMC_ERR_CORRUPT, "isal: damaged zlib stream (status %d)",
				    status);
	if (state->total_out != output_size)
		return error_create(VMC_ERR_CORRUPT, "isal: the stream gives %u bytes of %zu",
				    state->total_out, output_size);
	return NULL;
}

const struct vmc_codec codec_isal = {
	.name = "isal",
	.format = CODEC_ZLIB,
	.level_min = 0,
	.level_max = 2,
	.level_default = 1,
	.describe = isal_describe,
	.encoder_memory = isal_encoder_memory,
	.encoder_create = isal_encoder_create,
	.encoder_destroy = isal_encoder_destroy,
	.encode = isal_encode,
	.decoder_create = isal_decoder_create,
	.decoder_destroy = isal_decoder_destroy,
	.decode = isal_decode,
};

#endif
