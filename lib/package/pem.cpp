#include "package/pem.hpp"

#include <ctime>
#include <new>

#include <fmt/format.h>

namespace ovfkit::detail {

CryptoPtr<BIO> memory_bio(std::string_view bytes) {
    CryptoPtr<BIO> out(crypto().BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    if (!out) throw std::bad_alloc();
    return out;
}

bool read_certificates(std::string_view pem, std::size_t limit, std::vector<CryptoPtr<X509>>& out) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    for (std::size_t at = pem.find(begin); at != std::string_view::npos; at = pem.find(begin, at + 1)) {
        if (out.size() == limit) return false;
        const CryptoPtr<BIO> bio = memory_bio(pem.substr(at));
        CryptoPtr<X509> one(crypto().PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        crypto().ERR_clear_error();
        if (!one) return false;
        out.push_back(std::move(one));
    }
    return true;
}

std::string name_text(const X509_NAME* name) {
    const CryptoPtr<BIO> bio(crypto().BIO_new(crypto().BIO_s_mem()));
    if (!bio) throw std::bad_alloc();
    constexpr unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    crypto().X509_NAME_print_ex(bio.get(), name, 0, flags);
    char* data = nullptr;
    const long size = crypto().BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
    return data == nullptr || size <= 0 ? std::string{} : std::string(data, static_cast<std::size_t>(size));
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (crypto().ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                       parts.tm_min, parts.tm_sec);
}

}  // namespace ovfkit::detail
