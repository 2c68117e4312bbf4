// Why: the promise of a stream is that every record comes once and in order, whatever carries it and whenever that
// breaks. Transcripts show the rules one by one; a random run of two ends over carriers that are cut, are slow and
// overtake one another tries what nobody thought of. A failure prints its seed.
#include <gtest/gtest.h>

#include <cstring>

#include "base/random.hpp"
#include "libzel/net/pair_stream.hpp"

namespace zel::net {
namespace {

using wire::member::Post;
using wire::paths::Fallen;
using wire::paths::Resume;

constexpr std::size_t window = wire::member::post_window_bytes;
constexpr std::size_t overhead = wire::member::post_overhead_bytes;

Post whole(std::size_t bytes, std::uint32_t tag = 0) {
  return {1, static_cast<std::uint8_t>(RecordKind::whole), 0, tag, bytes, base::Bytes(bytes)};
}

bool put(PairStream& stream, std::size_t bytes, std::uint32_t tag = 0) {
  return stream.write(RecordKind::whole, 0, tag, bytes, base::Bytes(bytes));
}

std::string text_of(const StreamAction& action) {
  if (const auto* post = std::get_if<SendPost>(&action)) {
    if (post->post.kind != word_post_kind) {
      return (post->post.kind == piece_post_kind ? "piece " : "post ") + std::to_string(post->post.payload.size());
    }
    const auto word = wire::paths::decode(post->post.payload).value();
    if (const auto* fallen = std::get_if<Fallen>(&word)) {
      return "fallen " + std::to_string(fallen->link) + " received " + std::to_string(fallen->received) + " taken " +
             std::to_string(fallen->taken);
    }
    if (const auto* resume = std::get_if<Resume>(&word)) return "resume " + std::to_string(resume->next);
    if (const auto* ack = std::get_if<wire::paths::Ack>(&word)) return "word ack " + std::to_string(ack->taken);
    return "word";
  }
  if (const auto* credit = std::get_if<GiveCredit>(&action)) return "credit " + std::to_string(credit->bytes);
  if (const auto* close = std::get_if<CloseLink>(&action)) return "close " + std::to_string(close->link);
  const auto& frame = std::get<SendFrame>(action);
  const auto header = read_frame(*frame.frame).value();
  return (header.type == FrameType::ack ? "ack " : "record ") + std::to_string(header.number) + " on " +
         std::to_string(frame.link);
}

std::vector<std::string> done_by(PairStream& stream) {
  std::vector<std::string> texts;
  for (const auto& action : stream.take_actions()) texts.push_back(text_of(action));
  return texts;
}
using Texts = std::vector<std::string>;

bool frame_comes(PairStream& stream, std::uint64_t link, std::uint64_t number, std::size_t bytes) {
  FrameHeader header;
  header.number = number;
  header.total_bytes = bytes;
  const auto payload = std::make_shared<base::Bytes>(bytes);
  return stream.on_frame(link, header, *payload, payload);
}

TEST(PairStream, PostsUntilALinkIsThere) {
  PairStream stream;
  EXPECT_TRUE(put(stream, 10));
  EXPECT_EQ(done_by(stream), Texts{"post 10"});
  EXPECT_TRUE(stream.on_link(7, 0, 0));
  EXPECT_EQ(done_by(stream), Texts{"record 0 on 7"}) << "the other has not got it yet";
  EXPECT_TRUE(put(stream, 10));
  EXPECT_EQ(done_by(stream), Texts{"record 1 on 7"});
}

TEST(PairStream, ALinkGoesOnWhereTheOtherIs) {
  PairStream stream;
  for (int n = 0; n < 3; ++n) put(stream, 10);
  done_by(stream);
  EXPECT_TRUE(stream.on_link(7, 2, 0));
  EXPECT_EQ(done_by(stream), Texts{"record 2 on 7"});
}

TEST(PairStream, FallsBackWhenTheOtherHasSaidWhatItGot) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  for (int n = 0; n < 3; ++n) put(stream, 10);
  done_by(stream);
  stream.on_link_lost(7);
  EXPECT_EQ(done_by(stream), (Texts{"close 7", "fallen 7 received 0 taken 0"}));
  EXPECT_TRUE(put(stream, 10)) << "kept";
  EXPECT_EQ(done_by(stream), Texts{});
  EXPECT_TRUE(stream.on_fallen({7, 2, 1}));
  EXPECT_EQ(done_by(stream), (Texts{"resume 2", "post 10", "post 10"}));
}

TEST(PairStream, AnswersTheOthersFallOnce) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  put(stream, 10);
  done_by(stream);
  EXPECT_TRUE(stream.on_fallen({7, 0, 0}));
  EXPECT_EQ(done_by(stream), (Texts{"close 7", "fallen 7 received 0 taken 0", "resume 0", "post 10"}));
  stream.on_link_lost(7);
  EXPECT_EQ(done_by(stream), Texts{});
}

TEST(PairStream, OfALinkThatWasGivenUpNothingIsTaken) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  EXPECT_TRUE(frame_comes(stream, 7, 0, 5));
  stream.on_link_lost(7);
  EXPECT_EQ(done_by(stream), (Texts{"close 7", "fallen 7 received 1 taken 0"}));
  EXPECT_TRUE(frame_comes(stream, 7, 1, 5));
  EXPECT_EQ(stream.received(), 1u) << "the other sends it again, having heard that it is not here";
}

TEST(PairStream, WhatIsHereAlreadyIsDroppedAndCredited) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  EXPECT_TRUE(frame_comes(stream, 7, 0, 5));
  EXPECT_TRUE(stream.on_post(whole(window / 4 - overhead)));
  EXPECT_EQ(stream.received(), 1u);
  EXPECT_EQ(done_by(stream), Texts{"credit " + std::to_string(window / 4)});
  stream.pop();
  EXPECT_TRUE(stream.empty());
}

TEST(PairStream, ALinkThatSkipsARecordIsLost) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  EXPECT_TRUE(frame_comes(stream, 7, 1, 5));
  EXPECT_EQ(done_by(stream), (Texts{"close 7", "fallen 7 received 0 taken 0"}));
  EXPECT_TRUE(stream.empty());
}

TEST(PairStream, ALargeRecordGoesInPieces) {
  PairStream out;
  out.on_link(7, 0, 0);
  out.write(RecordKind::whole, 0, 3, 100'000, base::Bytes(100'000, std::byte{5}));
  out.on_link_lost(7);
  out.on_fallen({7, 0, 0});
  PairStream in;
  std::size_t pieces = 0;
  for (auto& action : out.take_actions()) {
    auto* post = std::get_if<SendPost>(&action);
    if (!post || post->post.kind == word_post_kind) continue;
    pieces += post->post.kind == piece_post_kind;
    EXPECT_TRUE(in.on_post(std::move(post->post)));
  }
  EXPECT_EQ(pieces, 3u);
  ASSERT_FALSE(in.empty());
  EXPECT_EQ(in.front().record.payload.size(), 100'000u);
  EXPECT_EQ(in.front().record.tag, 3u);
}

TEST(PairStream, AcknowledgesWhatCameByLink) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  for (std::uint64_t n = 0; n < 4; ++n) frame_comes(stream, 7, n, link_ack_bytes / 4 - overhead);
  for (int n = 0; n < 3; ++n) stream.pop();
  EXPECT_EQ(done_by(stream), Texts{});
  stream.pop();
  EXPECT_EQ(done_by(stream), Texts{"ack 4 on 7"});
}

TEST(PairStream, AcknowledgesByWordWhenTheLinkIsGone) {
  PairStream stream;
  stream.on_link(7, 0, 0);
  for (std::uint64_t n = 0; n < 2; ++n) frame_comes(stream, 7, n, link_ack_bytes / 2);
  stream.on_link_lost(7);
  done_by(stream);
  stream.pop();
  stream.pop();
  EXPECT_EQ(done_by(stream), Texts{"word ack 2"});
}

TEST(PairStream, ASenderKeepsToItsWindows) {
  PairStream stream;
  std::size_t posted = 0;
  while (put(stream, 1000)) ++posted;
  EXPECT_EQ(posted, window / (1000 + overhead));
  stream.on_link(7, 0, 0);
  std::size_t linked = posted;
  while (put(stream, 1000)) ++linked;
  EXPECT_EQ(linked, stream_window_bytes / (1000 + overhead));
  EXPECT_TRUE(stream.on_ack(linked));
  EXPECT_TRUE(put(stream, 1000));
}

TEST(PairStream, NonsenseIsRefused) {
  EXPECT_FALSE(PairStream().on_ack(1)) << "never sent";
  EXPECT_FALSE(PairStream().on_credit(1)) << "never posted";
  EXPECT_FALSE(PairStream().on_resume({1})) << "would skip a record";
  EXPECT_FALSE(PairStream().on_link(7, 1, 0)) << "has what was never sent";
  Post post = whole(10);
  post.total_bytes = 11;
  EXPECT_FALSE(PairStream().on_post(std::move(post)));
  PairStream posts;
  for (std::size_t n = 0; n < 4; ++n) EXPECT_TRUE(posts.on_post(whole(max_posted_bytes)));
  EXPECT_FALSE(posts.on_post(whole(0))) << "beyond the window";
  PairStream links;
  links.on_link(7, 0, 0);
  std::uint64_t number = 0;
  while (frame_comes(links, 7, number, max_linked_bytes)) ++number;
  EXPECT_LE(number, (stream_window_bytes + link_ack_bytes) / max_linked_bytes) << "beyond the window";
}

TEST(PairStream, RefusedItTakesNothing) {
  PairStream stream;
  stream.on_post(whole(5));
  stream.refuse();
  EXPECT_TRUE(stream.empty());
  EXPECT_TRUE(stream.on_post(whole(5)));
  EXPECT_TRUE(stream.empty());
}

// ---- two ends -----------------------------------------------------------------------------------------

class Pair {
 public:
  explicit Pair(std::uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps && good_; ++step) {
      act();
      for (std::size_t side = 0; side < 2; ++side) carry_out(side);
    }
    // Everything that is still on its way arrives.
    calm_ = true;
    for (int step = 0; step < 200'000 && good_ && !settled(); ++step) {
      act();
      for (std::size_t side = 0; side < 2; ++side) carry_out(side);
    }
  }
  bool good() const { return good_; }
  bool settled() const { return taken_[0] == written_[1] && taken_[1] == written_[0] && up_on_[0] == up_on_[1]; }
  std::size_t links() const { return links_; }
  std::size_t written() const { return written_[0] + written_[1]; }

 private:
  struct Bits {
    enum class Kind { hello, answer, frame } kind;
    std::uint64_t received = 0;
    std::uint64_t taken = 0;
    Frame frame{};
  };

  void expect(bool condition, const char* what) {
    if (condition || !good_) return;
    good_ = false;
    ADD_FAILURE() << what;
  }

  void act() {
    const std::size_t side = random_.below(2);
    PairStream& stream = ends_[side];
    const auto dice = random_.below(100);
    if (dice < 20 && !calm_) {
      write(side);
    } else if (dice < 40) {
      take(side);
    } else if (dice < 65) {
      if (!posts_to_[side].empty()) deliver_post(side);
    } else if (dice < 90) {
      if (!link_to_[side].empty()) deliver_link(side);
    } else if (dice < 93 && link_ != 0 && !calm_) {
      // What was on its way over it is gone; each end notices in its own time.
      link_to_[0].clear();
      link_to_[1].clear();
      cut_ = true;
    } else if (dice < 96 && link_ != 0 && cut_) {
      if (up_on_[side] == link_) {
        stream.on_link_lost(link_);
        up_on_[side] = 0;
      }
    } else if (dice >= 97 && (link_ == 0 || cut_) && up_on_[0] == 0 && up_on_[1] == 0 && !ends_[0].waiting() && !calm_) {
      // End 0 leads: it begins when it knows of no old link.
      link_ = ++links_;
      cut_ = false;
      link_to_[0].clear();
      link_to_[1].clear();
      link_to_[1].push_back({Bits::Kind::hello, ends_[0].received(), ends_[0].taken()});
    }
  }

  void write(std::size_t side) {
    PairStream& stream = ends_[side];
    const std::size_t most = stream.max_payload();
    const std::size_t bytes = 9 + (random_.chance(0.2) ? random_.below(most - 9) : random_.below(500));
    base::Bytes payload(bytes, static_cast<std::byte>(written_[side]));
    const std::uint64_t number = written_[side];
    std::memcpy(payload.data(), &number, sizeof number);
    if (stream.write(RecordKind::whole, 0, static_cast<std::uint32_t>(bytes), bytes, payload)) ++written_[side];
  }

  void take(std::size_t side) {
    PairStream& stream = ends_[side];
    if (stream.empty()) return;
    const Record& record = stream.front().record;
    std::uint64_t number = 0;
    std::memcpy(&number, record.payload.data(), sizeof number);
    expect(number == taken_[side], "every record once, in order");
    expect(record.payload.size() == record.tag && record.payload.back() == static_cast<std::byte>(number), "whole");
    ++taken_[side];
    stream.pop();
  }

  void deliver_post(std::size_t side) {
    auto told = std::move(posts_to_[side].front());
    posts_to_[side].pop_front();
    PairStream& stream = ends_[side];
    if (const auto* credit = std::get_if<GiveCredit>(&told)) return expect(stream.on_credit(credit->bytes), "credit");
    Post& post = std::get<SendPost>(told).post;
    if (post.kind != word_post_kind) return expect(stream.on_post(std::move(post)), "post");
    const auto word = wire::paths::decode(post.payload).value();
    if (const auto* fallen = std::get_if<Fallen>(&word)) {
      if (up_on_[side] == fallen->link) up_on_[side] = 0;
      expect(stream.on_fallen(*fallen), "fallen");
    } else if (const auto* resume = std::get_if<Resume>(&word)) {
      expect(stream.on_resume(*resume), "resume");
    } else if (const auto* ack = std::get_if<wire::paths::Ack>(&word)) {
      expect(stream.on_ack(ack->taken), "ack by word");
    }
  }

  void deliver_link(std::size_t side) {
    Bits bits = std::move(link_to_[side].front());
    link_to_[side].pop_front();
    PairStream& stream = ends_[side];
    if (bits.kind == Bits::Kind::frame) {
      const auto header = read_frame(*bits.frame).value();
      return expect(stream.on_frame(link_, header, payload_of(*bits.frame), bits.frame), "frame");
    }
    // Whoever follows answers before it sends anything, and never knows of two links.
    if (bits.kind == Bits::Kind::hello) {
      if (stream.link()) return;
      link_to_[0].push_back({Bits::Kind::answer, stream.received(), stream.taken()});
    }
    expect(stream.on_link(link_, bits.received, bits.taken), "link");
    up_on_[side] = link_;
  }

  void carry_out(std::size_t side) {
    const std::size_t other = 1 - side;
    for (auto& action : ends_[side].take_actions()) {
      if (auto* frame = std::get_if<SendFrame>(&action)) {
        if (frame->link == link_ && !cut_) link_to_[other].push_back({Bits::Kind::frame, 0, 0, frame->frame});
      } else if (const auto* close = std::get_if<CloseLink>(&action)) {
        if (close->link == link_) cut_ = true;
        if (up_on_[side] == close->link) up_on_[side] = 0;
      } else {
        posts_to_[other].push_back(std::move(action));
      }
    }
  }

  base::Random random_;
  std::array<PairStream, 2> ends_;
  std::array<std::deque<StreamAction>, 2> posts_to_;
  std::array<std::deque<Bits>, 2> link_to_;
  std::array<std::uint64_t, 2> written_{};
  std::array<std::uint64_t, 2> taken_{};
  std::array<std::uint64_t, 2> up_on_{};
  std::uint64_t link_ = 0;
  std::size_t links_ = 0;
  bool cut_ = false;
  bool calm_ = false;
  bool good_ = true;
};

TEST(PairStream, WhateverBreaksEveryRecordComesOnceAndInOrder) {
  std::size_t links = 0;
  std::size_t written = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pair pair(seed);
    pair.run(3000);
    ASSERT_TRUE(pair.good());
    ASSERT_TRUE(pair.settled()) << "something never came";
    links += pair.links();
    written += pair.written();
  }
  EXPECT_GT(links, 1000u) << "links came and broke";
  EXPECT_GT(written, 50'000u);
}

}  // namespace
}  // namespace zel::net
