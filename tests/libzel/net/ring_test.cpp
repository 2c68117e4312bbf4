// Why: one ring by itself: laps, its end, its rooms, and what a reader refuses.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "libzel/net/ring_reader.hpp"
#include "libzel/net/ring_writer.hpp"
#include "libzel/net/segment.hpp"

namespace zel::net {
namespace {

using Look = RingReader::Look;
using Outcome = RingWriter::Outcome;

class RingTest : public testing::Test {
 protected:
  static Segment make_segment() {
    const std::uint64_t bytes = segment_bytes_for(2);
    const base::UniqueFd fd(::memfd_create("ring-test", MFD_CLOEXEC));
    if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) std::abort();
    return Segment::map(fd.get(), bytes).value();
  }
  Ring ring() const { return *segment_.ring(0); }
  Outcome write(std::size_t bytes, unsigned char value, RecordKind kind = RecordKind::whole) {
    std::memset(payload_.data(), value, bytes);
    return writer_.write(kind, 1, 7, bytes, std::span(payload_).first(bytes));
  }
  /// The bytes of the next record, if they all are `value`; -1 else.
  long read(unsigned char value) {
    Record record;
    if (reader_.look(record) != Look::record) return -1;
    for (std::byte b : record.payload) {
      if (b != static_cast<std::byte>(value)) return -1;
    }
    const long bytes = static_cast<long>(record.payload.size());
    reader_.pop();
    return bytes;
  }

  Segment segment_ = make_segment();
  std::vector<std::byte> payload_ = std::vector<std::byte>(max_payload_bytes);
  Record record_;
  RingWriter writer_{ring()};
  RingReader reader_{ring(), 0};
};

TEST_F(RingTest, IsEmptyThenHoldsWhatWasWrittenInOrder) {
  EXPECT_EQ(reader_.look(record_), Look::empty);
  EXPECT_EQ(write(5, 1), Outcome::written);
  EXPECT_EQ(write(0, 2), Outcome::written);
  ASSERT_EQ(reader_.look(record_), Look::record);
  EXPECT_EQ(record_.tag, 7u);
  EXPECT_EQ(record_.context, 1);
  EXPECT_EQ(record_.total_bytes, 5u);
  EXPECT_EQ(read(1), 5);
  EXPECT_EQ(read(2), 0);
  EXPECT_EQ(reader_.look(record_), Look::empty);
}

TEST_F(RingTest, EverySizeOverManyLapsAgainstAQueue) {
  std::deque<std::pair<std::size_t, unsigned char>> expected;
  std::uint32_t random = 1;
  const auto draw = [&](std::uint32_t below) { return (random = random * 1664525u + 1013904223u, (random >> 8) % below); };
  std::uint64_t written = 0;
  for (int step = 0; step < 100'000; ++step) {
    if (draw(2) == 0) {
      const std::size_t bytes = draw(4) == 0 ? draw(max_payload_bytes + 1) : draw(200);
      const auto value = static_cast<unsigned char>(draw(256));
      if (write(bytes, value) == Outcome::written) {
        expected.emplace_back(bytes, value);
        written += bytes;
      } else {
        ASSERT_FALSE(expected.empty()) << "an empty ring has room for any record";
      }
    } else if (!expected.empty()) {
      ASSERT_EQ(read(expected.front().second), static_cast<long>(expected.front().first)) << "step " << step;
      expected.pop_front();
    } else {
      ASSERT_EQ(reader_.look(record_), Look::empty) << "step " << step;
    }
  }
  EXPECT_GT(written, 100 * ring_bytes);
}

TEST_F(RingTest, PayloadThatLooksLikeRecordsIsNotTakenForOne) {
  // Fill whole laps with plausible stamps of every position, then write small records over them.
  for (int lap = 0; lap < 6; ++lap) {
    for (std::uint64_t position = 0; position < ring_bytes; position += max_record_bytes) {
      for (std::size_t at = 0; at + 4 <= payload_.size(); at += 4) {
        const std::uint32_t stamp = stamp_at((static_cast<std::uint64_t>(lap) + 1) * ring_bytes + position + at);
        std::memcpy(payload_.data() + at, &stamp, 4);
      }
      ASSERT_EQ(writer_.write(RecordKind::whole, 0, 0, payload_.size(), payload_), Outcome::written);
      ASSERT_EQ(reader_.look(record_), Look::record);
      reader_.pop();
      ASSERT_EQ(reader_.look(record_), Look::empty);
      ASSERT_EQ(writer_.write(RecordKind::whole, 0, 0, 1, std::span(payload_).first(1)), Outcome::written);
      ASSERT_EQ(reader_.look(record_), Look::record);
      reader_.pop();
      ASSERT_EQ(reader_.look(record_), Look::empty);
    }
  }
}

TEST_F(RingTest, AFullRingHasRoomAgainAndTellsItsWriter) {
  int written = 0;
  while (write(1000, 1) == Outcome::written) ++written;
  EXPECT_GE(written, static_cast<int>(ring_bytes / 1088));
  writer_.ask_for_room();
  EXPECT_EQ(write(1000, 1), Outcome::full);
  int told = 0;
  for (int n = 0; n < written; ++n) {
    ASSERT_EQ(reader_.look(record_), Look::record);
    told += reader_.pop();
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(write(1000, 2), Outcome::written);
}

TEST_F(RingTest, AnIdleRingStaysInItsFirstPage) {
  for (int n = 0; n < 10'000; ++n) {
    ASSERT_EQ(write(8, 3), Outcome::written);
    ASSERT_EQ(reader_.look(record_), Look::record);
    EXPECT_LT(record_.payload.data() - ring().records, static_cast<long>(page_bytes));
    reader_.pop();
  }
}

TEST_F(RingTest, ReaderRefusesNonsense) {
  const auto refused = [&](auto&& damage) {
    RingWriter writer(ring());
    RingReader reader(ring(), 0);
    std::memset(ring().records, 0, 4096);
    ring().header->read_to.store(0);
    writer.write(RecordKind::whole, 0, 0, 8, std::span(payload_).first(8));
    RecordHeader header;
    std::memcpy(&header, ring().records, sizeof header);
    damage(header);
    std::memcpy(ring().records, &header, sizeof header);
    Record record;
    return reader.look(record) == Look::damaged && reader.look(record) == Look::damaged;
  };
  EXPECT_FALSE(refused([](RecordHeader&) {}));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.stamp ^= 2; }));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.payload_bytes = max_payload_bytes + 1; }));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.payload_bytes = 0xffff'ffff; }));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.kind = static_cast<RecordKind>(0); }));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.kind = static_cast<RecordKind>(6); }));
  EXPECT_TRUE(refused([](RecordHeader& h) { h.kind = RecordKind::skip; })) << "of a whole ring";
}

TEST_F(RingTest, WriterRefusesAnImpossibleReader) {
  for (std::uint64_t wrong : {std::uint64_t{1} << 40, std::uint64_t{3}, ~std::uint64_t{0}}) {
    RingWriter writer(ring());
    ring().header->read_to.store(wrong);
    Outcome outcome = Outcome::written;
    for (int n = 0; n < 1000 && outcome == Outcome::written; ++n) {
      outcome = writer.write(RecordKind::whole, 0, 0, 1000, std::span(payload_).first(1000));
    }
    EXPECT_EQ(outcome, Outcome::damaged) << wrong;
  }
}

TEST_F(RingTest, TwoThreadsAgree) {
  constexpr unsigned count = 200'000;
  std::thread sender([&] {
    std::vector<std::byte> payload(500);
    for (unsigned n = 0; n < count;) {
      const std::size_t bytes = 4 + n % 400;
      std::memcpy(payload.data(), &n, 4);
      if (writer_.write(RecordKind::whole, 0, n & 0xffff, bytes, std::span(payload).first(bytes)) == Outcome::written) ++n;
      else std::this_thread::yield();
    }
  });
  for (unsigned n = 0; n < count;) {
    Record record;
    if (reader_.look(record) != Look::record) {
      std::this_thread::yield();
      continue;
    }
    unsigned value = 0;
    std::memcpy(&value, record.payload.data(), 4);
    if (value != n || record.tag != (n & 0xffff) || record.payload.size() != 4 + n % 400) {
      ADD_FAILURE() << "record " << n << " is " << value;
      break;
    }
    reader_.pop();
    ++n;
  }
  sender.join();
}

}  // namespace
}  // namespace zel::net
