/* zimg on this processor: what the workers ask of it, and every set of instructions that is there,
 * beside its portable code. The log has the figures. CPU_SEED and CPU_N repeat or prolong it;
 * CPU_EVERY=1 tries each set on all geometries, not on one of seven. */
#include <config.h>

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zimg.h>

#include "image/graph.h"

#define N_RANDOM 3000
#define MAX_TRIED 20
#define EVERY 7 /* odd: geometries come in pairs, wide and high */
#define N_TOLD 5 /* geometries that are wrong, in full */

/* ---- chance ---- */

static uint64_t state;

static uint32_t
chance(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((state >> 33) % below);
}

static double
part(void)
{
	return chance(1 << 20) / (double)(1 << 20);
}

static unsigned long
setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

static void
begin_chance(void)
{
	unsigned long seed = setting("CPU_SEED", (unsigned long)zimg_get_api_version(NULL, NULL) + 1063);

	printf("# CPU_SEED=%lu\n", seed);
	state = seed;
}

static void
fill(struct plane *plane, unsigned bytes)
{
	size_t i, n = plane->stride_bytes * plane->height / 4;
	uint32_t *words = (void *)plane->data;
	float *floats = (void *)plane->data;

	for (i = 0; i < n; i++) {
		chance(1);
		if (bytes == 4)
			floats[i] = (float)(state >> 40) / (1 << 24);
		else
			words[i] = (uint32_t)(state >> 32);
	}
}

/* ---- to compare ---- */

static double
sample(const struct plane *plane, unsigned bytes, uint32_t x, uint32_t y)
{
	const void *row = plane->data + y * plane->stride_bytes;

	return bytes == 4 ? ((const float *)row)[x] : bytes == 2 ? ((const uint16_t *)row)[x] :
	    ((const uint8_t *)row)[x];
}

/* Integers: a step, as sets of instructions round differently. Floats, of 0 to 1: each of the taps may
 * be rounded once as it is multiplied and once as it is added, or neither, in any order. */
static double
tolerance(const struct graph_geometry *g)
{
	double step = fmax(1, fmax(g->region.width / g->to_width, g->region.height / g->to_height));

	return g->to_bytes == 4 ? (6 * step + 2) * 2 * FLT_EPSILON : 1;
}

/* Samples that are farther apart than they may be; WORST: the farthest, in tolerances. */
static uint32_t
count_wrong(const struct graph_geometry *g, const struct plane *a, const struct plane *b,
    double *worst)
{
	double allowed = tolerance(g), apart;
	uint32_t x, y, n = 0;

	for (y = 0; y < g->to_height; y++) {
		if (memcmp(a->data + y * a->stride_bytes, b->data + y * b->stride_bytes,
		    (size_t)g->to_width * g->to_bytes) == 0)
			continue;
		for (x = 0; x < g->to_width; x++) {
			apart = fabs(sample(a, g->to_bytes, x, y) - sample(b, g->to_bytes, x, y));
			if (!(apart <= allowed))
				n++;
			if (!(apart / allowed <= *worst))
				*worst = apart / allowed;
		}
	}
	return n;
}

struct tried {
	const char *name;
	struct graph_store *store;
	unsigned n, n_wrong;
	double worst;
};

struct comparison {
	struct graph_store *portable;
	struct tried tried[MAX_TRIED];
	int n_tried;
	unsigned long n_seen, every; /* of the geometries, what is compared */
};

static void
comparison_add(struct comparison *c, const char *name, int cpu)
{
	cr_assert_lt(c->n_tried, MAX_TRIED);
	c->tried[c->n_tried++] = (struct tried){ .name = name, .store = graph_store_new(cpu) };
}

static void
comparison_end(struct comparison *c)
{
	int i;

	for (i = 0; i < c->n_tried; i++) {
		struct tried *t = &c->tried[i];

		printf("# %-18s %u of %u geometries wrong, at most %.3g times what is allowed\n", t->name,
		    t->n_wrong, t->n, t->worst);
		graph_store_free(t->store);
	}
	graph_store_free(c->portable);
}

static void
run(struct graph_store *store, const struct graph_geometry *g, const struct plane *from,
    struct plane *to)
{
	cr_assert_eq(image_plane_init(to, g->to_width, g->to_height, g->to_bytes), 0);
	cr_assert_eq(graph_run(store, g, from->data, from->stride_bytes, to->data, to->stride_bytes),
	    0, "%ux%u to %ux%u", g->from_width, g->from_height, g->to_width, g->to_height);
}

static void
tell_wrong(const struct tried *t, const struct graph_geometry *g, uint32_t n)
{
	if (t->n_wrong <= N_TOLD)
		printf("# %s: %u samples wrong, %ux%u of %u bytes to %ux%u of %u, region %.17g %.17g %.17g "
		    "%.17g\n", t->name, n, g->from_width, g->from_height, g->from_bytes, g->to_width,
		    g->to_height, g->to_bytes, g->region.left, g->region.top, g->region.width,
		    g->region.height);
}

static void
compare(struct comparison *c, const struct graph_geometry *g)
{
	struct plane from, right, to;
	uint32_t n_wrong;
	int i;

	if (c->n_seen++ % c->every != 0)
		return;
	cr_assert_eq(image_plane_init(&from, g->from_width, g->from_height, g->from_bytes), 0);
	fill(&from, g->from_bytes);
	run(c->portable, g, &from, &right);
	for (i = 0; i < c->n_tried; i++) {
		struct tried *t = &c->tried[i];

		run(t->store, g, &from, &to);
		n_wrong = count_wrong(g, &right, &to, &t->worst);
		t->n++;
		t->n_wrong += n_wrong > 0;
		if (n_wrong > 0)
			tell_wrong(t, g, n_wrong);
		image_plane_clear(&to);
	}
	image_plane_clear(&from);
	image_plane_clear(&right);
}

/* ---- geometries ---- */

/* FROM samples to TO of them, in one direction, the part of BEGIN and LENGTH, some rows (columns). */
static struct graph_geometry
line(bool is_wide, uint32_t from, uint32_t to, double begin, double length, uint32_t across)
{
	struct graph_geometry g;

	memset(&g, 0, sizeof(g));
	g.from_width = is_wide ? from : across;
	g.from_height = is_wide ? across : from;
	g.to_width = is_wide ? to : across;
	g.to_height = is_wide ? across : to;
	g.region = is_wide ? (struct region){ begin, 0, length, across } :
	    (struct region){ 0, begin, across, length };
	return g;
}

static void
set_bytes(struct graph_geometry *g, unsigned from, unsigned to)
{
	g->from_bytes = from;
	g->to_bytes = to;
}

/* A third each: just above and just below 2 : 1, and any ratio. */
static uint32_t
any_target(uint32_t from)
{
	switch (chance(3)) {
	case 0:
		return (from + 1) / 2 > 40 ? (from + 1) / 2 - chance(40) : (from + 1) / 2;
	case 1:
		return from / 2 + 1 + chance(20);
	default:
		return (uint32_t)ceil(from * pow(2, 1.5 - 5 * part()));
	}
}

static struct graph_geometry
any_geometry(void)
{
	static const uint8_t bytes[][2] = { { 1, 2 }, { 2, 1 }, { 2, 2 }, { 1, 1 }, { 4, 4 } };
	const uint8_t *pair = bytes[chance(5)];
	uint32_t from = (uint32_t)(4 * pow(2, 10.5 * part()));
	double begin = 0, length = from;
	struct graph_geometry g;

	switch (chance(4)) {
	case 0: /* a part, of whole samples */
		begin = chance(from);
		length = 1 + chance(from - (uint32_t)begin);
		break;
	case 1:
		begin = part() * from / 2;
		length = from / 2.0 * (0.2 + 0.8 * part());
		break;
	case 2: /* coarse chroma begins before its plane, and ends behind or in its last sample */
		begin = -0.5 * chance(2);
		length = from - part();
		break;
	default:
		break;
	}
	g = line(chance(2) == 0, from, any_target((uint32_t)ceil(length)), begin, length,
	    1 + chance(48));
	set_bytes(&g, pair[0], pair[1]);
	return g;
}

static void
compare_random(struct comparison *c)
{
	unsigned long i, n = setting("CPU_N", N_RANDOM);
	struct graph_geometry g;

	for (i = 0; i < n; i++) {
		g = any_geometry();
		compare(c, &g);
	}
}

static const uint32_t targets[] = { 2560, 2048, 1920, 1600, 1280, 1024, 800, 640, 320, 200 };
#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))

/* As the engine does it: a band's height first, to 16 bits, then its width, to 8. */
static void
compare_line(struct comparison *c, uint32_t whole, double length, uint32_t to)
{
	struct graph_geometry wide = line(true, whole, to, 0, length, 9);
	struct graph_geometry high = line(false, whole, to, 0, length, 9);

	set_bytes(&wide, 2, 1);
	set_bytes(&high, 1, 2);
	compare(c, &wide);
	compare(c, &high);
}

/* A camera's side, reduced in the DCT or not, luma and chroma, to what people ask for. */
static void
compare_camera(struct comparison *c, uint32_t side)
{
	static const uint32_t divisors[] = { 1, 2, 4, 8, 16 };
	size_t i, k;

	for (i = 0; i < 5; i++)
		for (k = 0; k < N_TARGETS; k++) {
			uint32_t whole = (side + divisors[i] - 1) / divisors[i];

			if (whole > targets[k] && whole <= 4 * targets[k])
				compare_line(c, whole, (double)side / divisors[i], targets[k]);
		}
}

static void
compare_cameras(struct comparison *c)
{
	static const uint32_t sides[] = { 9248, 8256, 7952, 6000, 5504, 5472, 5312, 5184, 4928, 4896,
		4624, 4608, 4288, 4272, 4208, 4160, 4128, 4096, 4032, 4000, 3888, 3840, 3648, 3456, 3264,
		3120, 3024, 3000, 2976, 2592, 2448, 2304, 2272, 2160, 1944, 1536 };
	size_t i;
	uint32_t d;

	for (i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		compare_camera(c, sides[i]);
	for (i = 0; i < N_TARGETS; i++)
		for (d = 1; d <= 64; d += d < 8 ? 1 : 7)
			compare_line(c, 2 * targets[i] + d, 2 * targets[i] + d, targets[i]);
}

/* ---- sets of instructions ---- */

struct set {
	const char *name;
	int cpu;
	const char *flags; /* of /proc/cpuinfo, all of which it wants */
};

static const struct set sets[] = {
#if defined(__x86_64__) || defined(__i386__)
	{ "SSE", ZIMG_CPU_X86_SSE, "sse" },
	{ "SSE2", ZIMG_CPU_X86_SSE2, "sse2" },
	{ "SSSE3", ZIMG_CPU_X86_SSSE3, "ssse3" },
	{ "SSE4.1", ZIMG_CPU_X86_SSE41, "sse4_1" },
	{ "SSE4.2", ZIMG_CPU_X86_SSE42, "sse4_2" },
	{ "AVX", ZIMG_CPU_X86_AVX, "avx" },
	{ "F16C", ZIMG_CPU_X86_F16C, "avx f16c" },
	{ "AVX2", ZIMG_CPU_X86_AVX2, "avx2 fma f16c" },
	{ "AVX-512 F", ZIMG_CPU_X86_AVX512F, "avx512f" },
	{ "AVX-512 SKX", ZIMG_CPU_X86_AVX512_SKX, "avx512f avx512cd avx512vl avx512bw avx512dq" },
	{ "AVX-512 CLX", ZIMG_CPU_X86_AVX512_CLX, "avx512vl avx512bw avx512dq avx512_vnni" },
	{ "AVX-512 PMC", ZIMG_CPU_X86_AVX512_PMC, "avx512vl avx512bw avx512dq avx512vbmi avx512ifma" },
	{ "AVX-512 SNC", ZIMG_CPU_X86_AVX512_SNC,
		"avx512vl avx512bw avx512dq avx512vbmi avx512ifma avx512_vpopcntdq avx512_bitalg "
		"avx512_vbmi2 avx512_vnni" },
#elif defined(__aarch64__)
	{ "NEON", ZIMG_CPU_ARM_NEON_VFPv4, "" }, /* each has it */
#elif defined(__arm__)
	{ "NEON, VFPv3", ZIMG_CPU_ARM_NEON_VFPv3, "neon" },
	{ "NEON, VFPv4", ZIMG_CPU_ARM_NEON_VFPv4, "neon vfpv4" },
#endif
	{ "portable", ZIMG_CPU_NONE, "" },
	{ "AUTO", ZIMG_CPU_AUTO, "" },
	{ "AUTO_64B", ZIMG_CPU_AUTO_64B, "" },
};

/* Gives the processor's flags, a blank before and behind each. */
static char *
read_flags(void)
{
	static char line[16384];
	FILE *file = fopen("/proc/cpuinfo", "r");
	bool is_found = false;

	while (file != NULL && !is_found && fgets(line, sizeof(line), file) != NULL)
		is_found = strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0;
	if (file != NULL)
		fclose(file);
	if (!is_found)
		return strcpy(line, " ");
	line[strcspn(line, "\n")] = ' ';
	return line;
}

static bool
has_flags(const char *wanted)
{
	const char *flags = read_flags();
	char word[32], within[34];
	int length;

	for (; sscanf(wanted, "%31s%n", word, &length) == 1; wanted += length) {
		snprintf(within, sizeof(within), " %s ", word);
		if (strstr(flags, within) == NULL)
			return false;
	}
	return true;
}

/* ---- the tests ---- */

static struct comparison
new_comparison(unsigned long every)
{
	begin_chance();
	return (struct comparison){ .portable = graph_store_new(ZIMG_CPU_NONE), .every = every };
}

Test(cpu, the_workers_setting_is_right)
{
	struct comparison c = new_comparison(1);
	char text[GRAPH_CPU_TEXT_SIZE];
	unsigned n_wrong;

	graph_cpu_text(text);
	printf("# the workers': %s\n", text);
	comparison_add(&c, "the workers'", graph_cpu());
	compare_random(&c);
	compare_cameras(&c);
	n_wrong = c.tried[0].n_wrong;
	cr_assert_gt(c.tried[0].n, 1000);
	comparison_end(&c);
	cr_assert_eq(n_wrong, 0, "%u geometries are wrong", n_wrong);
}

/* It reports: what is wrong here but is not used harms nobody. */
Test(cpu, every_set_of_instructions_is_told)
{
	struct comparison c = new_comparison(setting("CPU_EVERY", EVERY));
	size_t i;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (has_flags(sets[i].flags))
			comparison_add(&c, sets[i].name, sets[i].cpu);
		else
			printf("# %-18s not on this processor, not tried\n", sets[i].name);
	compare_random(&c);
	compare_cameras(&c);
	comparison_end(&c);
}

Test(cpu, no_avx512_of_a_zimg_that_is_wrong)
{
	char text[GRAPH_CPU_TEXT_SIZE];

#if defined(__aarch64__) || defined(__arm__)
	cr_assert_eq(graph_cpu_for(3, 0, 4), ZIMG_CPU_NONE);
	cr_assert_eq(graph_cpu_for(4, 0, 0), ZIMG_CPU_NONE);
	return;
#endif
	cr_assert_eq(graph_cpu_for(2, 9, 3), ZIMG_CPU_AUTO);
	cr_assert_eq(graph_cpu_for(3, 0, 0), ZIMG_CPU_AUTO);
	cr_assert_eq(graph_cpu_for(3, 0, 4), ZIMG_CPU_AUTO);
	cr_assert_eq(graph_cpu_for(3, 0, 5), ZIMG_CPU_AUTO);
	cr_assert_eq(graph_cpu_for(3, 0, 6), ZIMG_CPU_AUTO_64B);
	cr_assert_eq(graph_cpu_for(3, 1, 0), ZIMG_CPU_AUTO_64B);
	cr_assert_eq(graph_cpu_for(4, 0, 0), ZIMG_CPU_AUTO_64B);
	graph_cpu_text(text);
	cr_assert_eq(strncmp(text, "zimg ", 5), 0);
}

/* A column that is wrong by a little more than may be is seen, whatever the samples. */
static void
spoil_column(unsigned bytes)
{
	struct graph_geometry g = line(true, 700, 320, 0, 700, 12);
	struct graph_store *store = graph_store_new(graph_cpu());
	struct plane from, right, to;
	double worst = 0;
	uint32_t y;

	set_bytes(&g, bytes, bytes);
	cr_assert_eq(image_plane_init(&from, 700, 12, bytes), 0);
	fill(&from, bytes);
	run(store, &g, &from, &right);
	run(store, &g, &from, &to);
	cr_assert_eq(count_wrong(&g, &right, &to, &worst), 0);
	for (y = 0; y < 12; y++) {
		uint8_t *at = to.data + y * to.stride_bytes + 319 * bytes;

		if (bytes == 4)
			*(float *)(void *)at += 0.0001f;
		else if (bytes == 2)
			*(uint16_t *)(void *)at ^= 2;
		else
			*at ^= 2;
	}
	cr_assert_eq(count_wrong(&g, &right, &to, &worst), 12);
	cr_assert_gt(worst, 1);
	image_plane_clear(&from);
	image_plane_clear(&right);
	image_plane_clear(&to);
	graph_store_free(store);
}

Test(cpu, a_wrong_column_is_noticed)
{
	begin_chance();
	spoil_column(1);
	spoil_column(2);
	spoil_column(4);
}
