#include "wire/frame.hpp"

#include <gtest/gtest.h>

#include <string>

namespace zel::wire {
namespace {

base::Bytes frames(std::initializer_list<std::string> texts) {
  base::Bytes stream;
  for (const auto& text : texts) append_frame(stream, base::as_bytes(text));
  return stream;
}

std::vector<std::string> drain(FrameReader& reader) {
  std::vector<std::string> texts;
  for (auto frame = reader.next(); frame && frame->has_value(); frame = reader.next()) {
    texts.emplace_back(base::as_text(**frame));
  }
  return texts;
}

TEST(Frame, CutsAStreamWhereverItWasSplit) {
  const auto stream = frames({"one", "", "three three three"});
  const std::vector<std::string> whole{"one", "", "three three three"};
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader;
    reader.feed(base::ByteView(stream).first(cut));
    auto got = drain(reader);
    reader.feed(base::ByteView(stream).subspan(cut));
    for (auto& text : drain(reader)) got.push_back(text);
    EXPECT_EQ(got, whole) << "cut at " << cut;
  }
}

TEST(Frame, LengthIsLittleEndian) {
  const auto stream = frames({std::string(0x102, 'x')});
  EXPECT_EQ(stream[0], std::byte{0x02});
  EXPECT_EQ(stream[1], std::byte{0x01});
  EXPECT_EQ(stream.size(), 0x102 + frame_header_bytes);
}

TEST(Frame, AnOversizedAnnouncementIsRefusedBeforeItsBytesCome) {
  FrameReader reader;
  const base::Bytes header{std::byte{1}, std::byte{0}, std::byte{0x40}, std::byte{0}};  // 4 MiB + 1
  reader.feed(header);
  const auto frame = reader.next();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, base::Errc::bad_message);
}

TEST(Frame, TheLargestFrameIsAccepted) {
  base::Bytes stream;
  append_frame(stream, base::Bytes(max_frame_bytes));
  FrameReader reader;
  reader.feed(stream);
  const auto frame = reader.next();
  ASSERT_TRUE(frame && frame->has_value());
  EXPECT_EQ((*frame)->size(), max_frame_bytes);
}

}  // namespace
}  // namespace zel::wire
