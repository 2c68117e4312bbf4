// Why: thousands of random runs, checked by a reader that knows nothing of the merger: from the output alone
// it takes each stream apart again. No byte may be missing, out of order or inside another rank's line.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/zrun/output/stage.hpp"
#include "zrun/output/merger.hpp"

namespace zel::zrun::output {
namespace {

constexpr std::uint32_t max_ranks = 5;

/// Every stream has an alphabet of its own, so that each byte of the output says where it is from.
struct Alphabet {
  static char letter(std::size_t stream, std::size_t position) {
    return static_cast<char>(0x80 + 12 * stream + position % 11);
  }
  static std::size_t stream_of(char c) {
    return static_cast<std::size_t>(static_cast<unsigned char>(c) - 0x80) / 12;
  }
};

struct Trial {
  MergerOptions options;
  std::array<std::string, 2 * max_ranks> sent;  // by stream
  std::array<std::uint64_t, 2 * max_ranks> credited{};
  std::string out, err, both;
};

void take(Merger& merger, Trial& trial) {
  for (const Write& write : merger.take_writes()) {
    const std::string_view text = base::as_text(write.bytes);
    (write.sink == Sink::out ? trial.out : trial.err) += text;
    trial.both += text;
    for (const auto& credit : write.credits) {
      trial.credited[2 * credit.rank + (credit.stream == Stream::out ? 0u : 1u)] += credit.bytes;
    }
  }
}

std::string random_piece(std::mt19937& random, std::size_t stream, std::string& sent) {
  const auto below = [&](std::size_t n) { return random() % n; };
  std::string piece;
  const std::size_t size = 1 + (below(20) == 0 ? below(90) : below(12));
  for (std::size_t i = 0; i < size; ++i) {
    const bool empty_line = sent.empty() || sent.back() == '\n';
    const char c = !empty_line && below(5) == 0 ? '\n' : Alphabet::letter(stream, sent.size());
    piece += c;
    sent += c;
  }
  return piece;
}

Trial random_trial(std::uint32_t seed, bool one_stream_per_rank) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  Trial trial;
  trial.options = {.ranks = 1 + below(max_ranks),
                   .tags = below(2) == 0,
                   .one_terminal = below(2) == 0,
                   .long_line_bytes = 16u + below(40),
                   .credit_lump_bytes = 1};
  // Who lost the outlet in mid-line may add nothing but a newline. Only a tag tells whose that is.
  if (one_stream_per_rank && !trial.options.tags) trial.options.hold_limit = std::chrono::hours(1000);
  Merger merger(trial.options);
  base::Time now{};
  std::array<bool, 2 * max_ranks> ended{};
  for (std::uint32_t step = 40 + below(120); step > 0; --step) {
    const std::uint32_t rank = below(trial.options.ranks);
    const std::size_t i = 2 * rank + (one_stream_per_rank ? rank % 2 : below(2));
    const Stream stream = i % 2 == 0 ? Stream::out : Stream::err;
    if (below(60) == 0 && !ended[i]) {
      ended[i] = true;
      EXPECT_TRUE(merger.on_end(rank, stream, now));
    } else if (!ended[i]) {
      const std::string piece = random_piece(random, i, trial.sent[i]);
      EXPECT_TRUE(merger.on_data(rank, stream, base::as_bytes(piece), now));
    }
    if (below(3) == 0) now += std::chrono::milliseconds(below(4) == 0 ? below(1500) : below(60));
    if (merger.next_deadline() <= now) {
      merger.on_timer(now);
      EXPECT_GT(merger.next_deadline(), now) << "the timer would spin";
    }
    if (below(4) == 0) take(merger, trial);
  }
  merger.end_all(now);
  EXPECT_EQ(merger.next_deadline(), base::never);
  take(merger, trial);
  return trial;
}

struct Line {
  std::size_t rank;
  std::string text;  // without its tag
};

/// The lines as a reader sees them. Each is from one rank, and says so when lines are tagged.
std::vector<Line> lines_of(const std::string& text, const MergerOptions& options) {
  std::vector<Line> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    Line line{max_ranks, text.substr(begin, end - begin)};
    begin = end;
    if (options.tags) {
      for (line.rank = 0; line.rank < options.ranks; ++line.rank) {
        if (line.text.starts_with(tag(static_cast<std::uint32_t>(line.rank), options.ranks))) break;
      }
      EXPECT_LT(line.rank, options.ranks) << "a line without a tag";
      line.text.erase(0, tag(0, options.ranks).size());
    }
    for (const char c : line.text) {
      if (c == '\n') continue;
      const std::size_t writer = Alphabet::stream_of(c) / 2;
      EXPECT_TRUE(line.rank == max_ranks || line.rank == writer) << "two ranks in one line, or another's tag";
      line.rank = writer;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Reads the output of ranks with one stream each: every newline is the writer's next byte, or was put in
/// between two ranks. One that was put in where the writer's own was about to come cannot be told from it;
/// then the own one stands in a line by itself later.
void expect_every_byte(const std::vector<Line>& lines, const Trial& trial,
                       std::array<std::size_t, 2 * max_ranks>& read) {
  std::array<bool, max_ranks> own_may_follow{};
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::size_t rank = lines[n].rank;
    ASSERT_LT(rank, max_ranks) << "an empty line from nobody";
    const std::size_t stream = 2 * rank + rank % 2;
    const std::string& sent = trial.sent[stream];
    const bool other_follows = n + 1 < lines.size() && lines[n + 1].rank != rank;
    for (const char c : lines[n].text) {
      if (read[stream] < sent.size() && sent[read[stream]] == c) {
        ++read[stream];
        if (c == '\n') own_may_follow[rank] = other_follows;
        continue;
      }
      ASSERT_EQ(c, '\n') << "a byte that was not sent, or not yet";
      const bool is_own = lines[n].text.size() == 1 && std::exchange(own_may_follow[rank], false);
      ASSERT_TRUE(is_own || other_follows) << "a newline was put into one rank's output, or at the very end";
    }
  }
}

std::string only_letters_of(const std::string& text, std::size_t stream) {
  std::string letters;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 && Alphabet::stream_of(c) == stream) letters += c;
  }
  return letters;
}

/// What there is to read: one terminal, or two sinks.
std::vector<const std::string*> texts(const Trial& trial) {
  if (trial.options.one_terminal) return {&trial.both};
  return {&trial.out, &trial.err};
}

void for_seeds(bool one_stream_per_rank, void (*check)(const Trial&)) {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    const Trial trial = random_trial(seed, one_stream_per_rank);
    check(trial);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "seed " << seed;
      return;
    }
  }
}

TEST(MergerRandom, noByteIsLostReorderedOrAdded) {
  for_seeds(true, [](const Trial& trial) {
    std::array<std::size_t, 2 * max_ranks> read{};
    for (const std::string* text : texts(trial))
      expect_every_byte(lines_of(*text, trial.options), trial, read);
    for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i], trial.sent[i].size());
  });
}

TEST(MergerRandom, linesOfDifferentRanksNeverMix) {
  for_seeds(false, [](const Trial& trial) {
    std::string all;
    for (const std::string* text : texts(trial)) {
      lines_of(*text, trial.options);
      all += *text;
    }
    for (std::size_t i = 0; i < trial.sent.size(); ++i) {
      EXPECT_EQ(only_letters_of(all, i), only_letters_of(trial.sent[i], i));
    }
  });
}

TEST(MergerRandom, creditsAddUpExactly) {
  for_seeds(false, [](const Trial& trial) {
    for (std::size_t i = 0; i < trial.sent.size(); ++i) EXPECT_EQ(trial.credited[i], trial.sent[i].size());
  });
}

TEST(MergerRandom, aGreatDealOfOutputTakesTimeInProportion) {
  // Quadratic work would run into the time limit of the test. The pieces end in mid-line, as they do.
  for (const std::size_t line : {std::size_t{1} << 30, std::size_t{80}, std::size_t{1000}}) {
    Merger merger({.ranks = 1, .tags = line == 1000});
    std::string piece(wire::run::max_piece_bytes, 'x');
    for (std::size_t i = line; i < piece.size(); i += line) piece[i] = '\n';
    std::size_t written = 0;
    for (int i = 0; i < 256; ++i) {
      ASSERT_TRUE(merger.on_data(0, Stream::out, base::as_bytes(piece), base::Time{}));
      for (const Write& write : merger.take_writes()) written += write.bytes.size();
    }
    EXPECT_GT(written, piece.size() * 255);
  }
  Merger bytewise({.ranks = 1});
  for (int i = 0; i < 200'000; ++i)
    ASSERT_TRUE(bytewise.on_data(0, Stream::out, base::as_bytes("x"), base::Time{}));
}

}  // namespace
}  // namespace zel::zrun::output
