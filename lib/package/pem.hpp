#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "package/crypto.hpp"

namespace ovfkit::detail {

CryptoPtr<BIO> memory_bio(std::string_view bytes);
/// Every certificate of a PEM text; false when one is damaged or there are more than `limit`.
bool read_certificates(std::string_view pem, std::size_t limit, std::vector<CryptoPtr<X509>>& out);
/// `CN=x,O=y`, UTF-8.
std::string name_text(const X509_NAME* name);
std::string time_text(const ASN1_TIME* time);

}  // namespace ovfkit::detail
