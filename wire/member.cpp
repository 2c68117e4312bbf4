#include "wire/member.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace zel::wire::member {

bool valid(const PathReport& report, std::uint32_t size) {
  return report.lines.size() <= paths::max_report_lines &&
         std::all_of(report.lines.begin(), report.lines.end(),
                     [size](const paths::PathLine& line) { return line.peer < size && paths::valid(line); });
}

base::Bytes encode(const ToNode& message) { return codec::encode(message); }
base::Bytes encode(const ToMember& message) { return codec::encode(message); }
base::Result<ToNode> decode_to_node(base::ByteView bytes) { return codec::decode<ToNode>(bytes); }
base::Result<ToMember> decode_to_member(base::ByteView bytes) { return codec::decode<ToMember>(bytes); }

}  // namespace zel::wire::member
